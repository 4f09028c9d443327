package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The broker's process")
class BrokerProcessTest {

    @TempDir
    private Path proc;

    @BeforeEach
    void twoProcesses() throws IOException {
        Files.createDirectories(proc.resolve("net"));
        Files.writeString(proc.resolve("net/tcp"), """
                  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
                   0: 0100007F:1628 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 111 1 0 20 4 30 10 -1
                   1: 0100007F:1628 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0
                """);
        process(71, "socket:[111]");
        process(72, "socket:[222]");
    }

    private void process(int pid, String socket) throws IOException {
        Path descriptors = Files.createDirectories(proc.resolve(pid + "/fd"));
        Files.createSymbolicLink(descriptors.resolve("5"), Path.of(socket));
    }

    @Test
    void isTheOneThatListensOnThePort() throws IOException {
        assertThat(BrokerProcess.listeningAt(0x1628, proc).map(BrokerProcess::pid))
                .isEqualTo(Optional.of(72L));
        assertThat(BrokerProcess.listeningAt(0x1629, proc)).isEmpty();
    }

    @Test
    void countsUserAndSystemTime() throws IOException {
        Files.writeString(
                proc.resolve("72/stat"), "72 (a b) c) S 1 72 72 0 -1 4194560 25 0 0 0 150 50 7 7 20 0 30 0 99\n");

        assertThat(new BrokerProcess(72, proc).cpuNanos()).isEqualTo(2_000_000_000L);
    }
}
