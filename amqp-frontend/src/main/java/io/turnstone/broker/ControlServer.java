package io.turnstone.broker;

import io.turnstone.store.tools.ToolProgress;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
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
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The door for those who may read the data folder: {@code turnstone status}, {@code turnstone queue}, {@code turnstone
 * store}. A loopback port and a random word, both written into a file of the data folder that only its owner may read.
 * Who sends the word and one line of JSON gets one JSON document; one that takes its time follows others, a line each,
 * that tell of progress. A file rather than a Unix socket, whose paths may not be long, and which not every file system
 * holds.
 *
 * <p>One thread of its own; one request at a time, beside one that takes its time.
 */
final class ControlServer implements AutoCloseable {

    private static final Logger LOG = LogManager.getLogger(ControlServer.class);
    private static final String FILE = "control";
    private static final int TIMEOUT_MS = 2_000;
    private static final int WORD_BYTES = 32;
    private static final int REQUEST_BYTES = 16 * 1024;

    /** Longer than the broker itself waits for anything. */
    private static final int ANSWER_TIMEOUT_MS = 90_000;

    /** Reading a whole journal before the first word of progress takes a while on a slow disk. */
    private static final int LENGTHY_TIMEOUT_MS = 900_000;

    private final ServerSocket socket;
    private final Path file;
    private final String word;
    private final Control control;
    private final AtomicBoolean busy = new AtomicBoolean();

    private ControlServer(ServerSocket socket, Path file, String word, Control control) {
        this.socket = socket;
        this.file = file;
        this.word = word;
        this.control = control;
    }

    static ControlServer start(Path data, Control control) {
        var random = new byte[WORD_BYTES];
        new SecureRandom().nextBytes(random);
        String word = HexFormat.of().formatHex(random);
        Path file = data.resolve(FILE);
        try {
            var socket = new ServerSocket();
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
            write(file, socket.getLocalPort() + " " + word);
            var server = new ControlServer(socket, file, word, control);
            var thread = new Thread(server::serve, "turnstone-control");
            thread.setDaemon(true);
            thread.start();
            return server;
        } catch (IOException e) {
            throw new BrokerException("the control port cannot be opened: " + e, e);
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
            try {
                Socket client = socket.accept();
                guarded(client, () -> answer(client));
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    LOG.debug("a control request broke: {}", e.getMessage());
                }
            }
        }
    }

    private interface Step {
        /** Whether the client is done with. */
        boolean done() throws IOException;
    }

    private static void guarded(Socket client, Step step) {
        boolean done = true;
        try {
            done = step.done();
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("a control request broke: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("a control request failed", e);
        } finally {
            if (done) {
                closeQuietly(client);
            }
        }
    }

    private static void closeQuietly(Socket client) {
        try {
            client.close();
        } catch (IOException e) {
            LOG.debug("a control connection did not close: {}", e.getMessage());
        }
    }

    private boolean answer(Socket client) throws IOException {
        client.setSoTimeout(TIMEOUT_MS);
        byte[] given = client.getInputStream().readNBytes(2 * WORD_BYTES);
        if (!MessageDigest.isEqual(given, word.getBytes(StandardCharsets.US_ASCII))) {
            return true;
        }
        var request = new JsonObject(line(client.getInputStream()));
        if (!Control.lengthy(request)) {
            return answer(client, request);
        }
        if (!busy.compareAndSet(false, true)) {
            send(client, Control.refusal("another command is working with the store; wait for it to end"));
            return true;
        }
        var thread = new Thread(
                () -> {
                    try {
                        guarded(client, () -> answer(client, request));
                    } finally {
                        busy.set(false);
                    }
                },
                "turnstone-control-store");
        thread.setDaemon(true);
        thread.start();
        return false;
    }

    /** A client that went away is found out by its socket, and ends the work. */
    private boolean answer(Socket client, JsonObject request) throws IOException {
        send(client, control.answer(request, progress -> {
            try {
                send(client, progress);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
        return true;
    }

    private static void send(Socket client, JsonObject document) throws IOException {
        client.getOutputStream().write((document.encode() + "\n").getBytes(StandardCharsets.UTF_8));
        client.getOutputStream().flush();
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.write(next);
            if (line.size() > REQUEST_BYTES) {
                throw new IOException("a request of more than " + REQUEST_BYTES + " bytes");
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /**
     * Asks the broker that runs on a data folder.
     *
     * @throws BrokerException when none runs there, or it refuses
     */
    static JsonObject ask(Path data, JsonObject request) {
        return ask(data, request, ANSWER_TIMEOUT_MS, (part, done, total) -> {});
    }

    /** The same, where the answer takes its time. */
    static JsonObject ask(Path data, JsonObject request, ToolProgress progress) {
        return ask(data, request, LENGTHY_TIMEOUT_MS, progress);
    }

    /** Whether a broker runs on a data folder. */
    static boolean answers(Path data) {
        try (var client = new Socket()) {
            String[] parts = Files.readString(data.resolve(FILE)).trim().split(" ");
            client.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(parts[0])), TIMEOUT_MS);
            return true;
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }

    private static JsonObject ask(Path data, JsonObject request, int timeoutMs, ToolProgress progress) {
        String[] parts;
        try {
            parts = Files.readString(data.resolve(FILE)).trim().split(" ");
        } catch (NoSuchFileException e) {
            throw new BrokerException(
                    "no broker runs on data folder " + data + "; start one, or name its folder with --data", null);
        } catch (IOException e) {
            throw new BrokerException(
                    "the broker on " + data + " cannot be asked: " + e + "; run this as the user that runs the broker",
                    e);
        }
        try (var client = new Socket()) {
            client.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(parts[0])), TIMEOUT_MS);
            client.setSoTimeout(timeoutMs);
            client.getOutputStream().write((parts[1] + request.encode() + "\n").getBytes(StandardCharsets.UTF_8));
            client.getOutputStream().flush();
            var reader = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            while (true) {
                String line = reader.readLine();
                if (line == null) {
                    throw new IOException("it gave no answer");
                }
                var document = new JsonObject(line);
                if (!StoreControl.told(document, progress)) {
                    return answered(document);
                }
            }
        } catch (IOException e) {
            throw new BrokerException(
                    "no broker answers for data folder " + data + " (" + e.getMessage()
                            + "); did it crash? Start it again",
                    e);
        }
    }

    private static JsonObject answered(JsonObject answer) {
        String refusal = answer.getString(Control.REFUSAL);
        if (refusal != null) {
            throw new BrokerException(refusal, null);
        }
        return answer;
    }

    @Override
    public void close() {
        try {
            socket.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("the control port did not close: {}", e.getMessage());
        }
    }
}
