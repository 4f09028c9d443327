package io.turnstone.broker.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.broker.TestCertificate;
import io.turnstone.broker.config.ListenerConfig;
import io.turnstone.broker.config.TlsConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A watch over certificates")
class CertificateWatchTest {

    @TempDir
    private Path folder;

    @Test
    void renewsWhatHasChangedAndFits() throws Exception {
        var old = TestCertificate.make(folder, "old");
        var renewed = TestCertificate.make(folder, "renewed");
        var listener = new TcpListener(
                ListenerConfig.amqps("127.0.0.1", 0, TlsConfig.pem(old.cert(), old.key())),
                null, // nobody connects
                null,
                new Acceptance(1));
        try (var watch = new CertificateWatch(List.of(listener))) {
            listener.renewCertificate(listener.tlsConfig().orElseThrow());
            watch.look();
            Tls first = listener.tls();

            watch.look();
            assertThat(listener.tls()).as("nothing changed").isSameAs(first);

            Files.copy(renewed.cert(), old.cert(), StandardCopyOption.REPLACE_EXISTING);
            watch.look();
            assertThat(listener.tls()).as("the key is still the old one").isSameAs(first);

            Files.copy(renewed.key(), old.key(), StandardCopyOption.REPLACE_EXISTING);
            watch.look();
            assertThat(listener.tls()).isNotSameAs(first);
        }
    }
}
