package io.turnstone.broker;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Answers {@code turnstone status}: a loopback port and a random word, both written into a file of the data folder that
 * only its owner may read. Who sends the word gets one JSON document. A file rather than a Unix socket, whose paths may
 * not be long, and which not every file system holds.
 *
 * <p>One thread of its own; one request at a time.
 */
final class StatusServer implements AutoCloseable {

    private static final Logger LOG = LogManager.getLogger(StatusServer.class);
    private static final String FILE = "control";
    private static final int TIMEOUT_MS = 2_000;
    private static final int WORD_BYTES = 32;

    private final ServerSocket socket;
    private final Path file;
    private final String word;
    private final Supplier<JsonObject> report;

    private StatusServer(ServerSocket socket, Path file, String word, Supplier<JsonObject> report) {
        this.socket = socket;
        this.file = file;
        this.word = word;
        this.report = report;
    }

    static StatusServer start(Path data, Supplier<JsonObject> report) {
        var random = new byte[WORD_BYTES];
        new SecureRandom().nextBytes(random);
        String word = HexFormat.of().formatHex(random);
        Path file = data.resolve(FILE);
        try {
            var socket = new ServerSocket();
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
            write(file, socket.getLocalPort() + " " + word);
            var server = new StatusServer(socket, file, word, report);
            var thread = new Thread(server::serve, "turnstone-status");
            thread.setDaemon(true);
            thread.start();
            return server;
        } catch (IOException e) {
            throw new BrokerException("the status port cannot be opened: " + e, e);
        }
    }

    /** As a whole or not at all, and never readable by others, not even for a moment. */
    private static void write(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling(FILE + ".new");
        Files.deleteIfExists(temporary);
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(
                    temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(temporary, text, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                client.setSoTimeout(TIMEOUT_MS);
                answer(client);
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    LOG.debug("a status request broke: {}", e.getMessage());
                }
            } catch (RuntimeException e) {
                LOG.error("a status request failed", e);
            }
        }
    }

    private void answer(Socket client) throws IOException {
        byte[] given = client.getInputStream().readNBytes(2 * WORD_BYTES);
        if (MessageDigest.isEqual(given, word.getBytes(StandardCharsets.US_ASCII))) {
            client.getOutputStream().write(report.get().encode().getBytes(StandardCharsets.UTF_8));
            client.getOutputStream().flush();
        }
    }

    /**
     * Asks the broker that runs on a data folder.
     *
     * @throws BrokerException when none runs there
     */
    static JsonObject ask(Path data) {
        String[] parts;
        try {
            parts = Files.readString(data.resolve(FILE)).trim().split(" ");
        } catch (NoSuchFileException e) {
            throw new BrokerException(
                    "no broker runs on data folder " + data + "; start one, or name its folder with --data", null);
        } catch (IOException e) {
            throw new BrokerException("the status of the broker on " + data + " cannot be asked for: " + e, e);
        }
        try (var client = new Socket()) {
            client.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(parts[0])), TIMEOUT_MS);
            client.setSoTimeout(5 * TIMEOUT_MS);
            client.getOutputStream().write(parts[1].getBytes(StandardCharsets.US_ASCII));
            client.getOutputStream().flush();
            var reader = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            String answer = reader.readLine();
            if (answer == null) {
                throw new IOException("it gave no answer");
            }
            return new JsonObject(answer);
        } catch (IOException e) {
            throw new BrokerException(
                    "no broker answers for data folder " + data + " (" + e.getMessage()
                            + "); did it crash? Start it again",
                    e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("the status port did not close: {}", e.getMessage());
        }
    }
}
