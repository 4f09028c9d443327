package io.turnstone.broker.config;

import io.turnstone.broker.config.TlsConfig.ClientCertificates;
import io.turnstone.broker.config.TlsConfig.Upgrade;
import io.turnstone.broker.security.CertificateName;
import io.turnstone.broker.security.Mechanism;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The keys under {@code listeners}. */
final class ListenerShape {

    private static final Set<String> BUILT_IN = Set.of("amqp", "amqps", "amqp-ws", "amqp-wss");

    private ListenerShape() {}

    // ---- a certificate and its key
    private static final Key<Path> CERT =
            Key.possible("cert", Types.PATH, "a PEM file with the certificate, its intermediates after it");
    private static final Key<Path> KEY = Key.possible("key", Types.PATH, "a PEM file with the private key");
    private static final Key<Path> KEYSTORE =
            Key.possible("keystore", Types.PATH, "a PKCS#12 file with certificate and private key");
    private static final Key<String> PASSWORD = Key.optional("password", Types.TEXT, "", "of the PKCS#12 file");

    private static KeyPair keyPair(Values values) {
        KeyPair pair = named(values);
        var read = Certificates.read(pair);
        read.problems().forEach((name, text) -> {
            Key<?> key = List.of(CERT, KEY, KEYSTORE, PASSWORD).stream()
                    .filter(known -> known.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            values.problem(key, text);
        });
        Key<?> place = pair instanceof KeyPair.Pem ? CERT : KEYSTORE;
        read.warning(Instant.now()).ifPresent(text -> values.warning(place, text));
        return pair;
    }

    private static KeyPair named(Values values) {
        if (values.given(KEYSTORE)) {
            if (values.given(CERT) || values.given(KEY)) {
                throw new IllegalArgumentException("needs either 'cert' and 'key' or 'keystore', not both");
            }
            return new KeyPair.Pkcs12(values.get(KEYSTORE), values.get(PASSWORD));
        }
        if (!values.given(CERT) || !values.given(KEY)) {
            throw new IllegalArgumentException("needs 'cert' and 'key', or 'keystore' and 'password'");
        }
        return new KeyPair.Pem(values.get(CERT), values.get(KEY));
    }

    // ---- tls
    private static final Key<List<KeyPair>> OTHERS = Key.optional(
            "others",
            Types.listOf(Shape.of(ListenerShape::keyPair, CERT, KEY, KEYSTORE, PASSWORD), "other"),
            List.of(),
            "more certificates, shown to clients that ask for a host they are made for");

    private static final Key<Path> TRUST =
            Key.required("trust", Types.PATH, "names a PEM file with the certificates of those who may issue them");
    private static final Key<Boolean> REQUIRED = Key.optional(
            "certificate",
            Types.oneOf(Map.of("required", true, "optional", false)),
            true,
            "whether clients without one are turned away: required or optional");
    private static final Key<CertificateName> NAME = Key.optional(
            "name", Types.oneOf(certificateNames()), CertificateName.COMMON_NAME, "what in them is the user's name");
    private static final Key<ClientCertificates> CLIENTS =
            Key.possible("clients", Shape.of(ListenerShape::clients, TRUST, REQUIRED, NAME), "certificates of clients");
    private static final Key<Upgrade> UPGRADE = Key.optional(
            "upgrade",
            Types.oneOf(Map.of("never", Upgrade.NEVER, "optional", Upgrade.OPTIONAL, "required", Upgrade.REQUIRED)),
            Upgrade.NEVER,
            "whether connections begin in clear and ask for TLS within AMQP");

    private static final Shape<TlsConfig> TLS_SHAPE = Shape.of(
            values -> new TlsConfig(
                    keyPair(values),
                    values.get(OTHERS),
                    values.given(CLIENTS) ? Optional.of(values.get(CLIENTS)) : Optional.empty(),
                    values.get(UPGRADE)),
            CERT,
            KEY,
            KEYSTORE,
            PASSWORD,
            OTHERS,
            CLIENTS,
            UPGRADE);

    private static ClientCertificates clients(Values values) {
        Path trust = values.get(TRUST);
        var read = Certificates.trusted(trust);
        read.problems().values().forEach(text -> values.problem(TRUST, text));
        read.trusted()
                .forEach(certificate -> Certificates.validity(certificate, Instant.now())
                        .ifPresent(text -> values.warning(TRUST, text)));
        return new ClientCertificates(trust, values.get(REQUIRED), values.get(NAME));
    }

    private static Map<String, CertificateName> certificateNames() {
        var words = new LinkedHashMap<String, CertificateName>();
        for (CertificateName name : CertificateName.values()) {
            words.put(name.label(), name);
        }
        return words;
    }

    // ---- websocket
    private static final Key<String> PATH =
            Key.possible("path", Types.TEXT, "the only path that is answered; without it any");
    private static final Key<List<String>> ORIGINS = Key.optional(
            "origins",
            Types.listOf(Types.TEXT, "origin"),
            List.of(),
            "pages of other hosts that may connect, such as https://shop.example");
    private static final Key<Long> MAX_FRAME = Key.optional(
            "max-frame",
            Types.size(64 << 10, 64 << 20),
            (long) WebSocketConfig.DEFAULT.maxFrame(),
            "the largest WebSocket frame");
    private static final Shape<WebSocketConfig> WEB_SOCKET_SHAPE =
            Shape.of(ListenerShape::webSocket, PATH, ORIGINS, MAX_FRAME);

    private static WebSocketConfig webSocket(Values values) {
        if (values.given(PATH) && !values.get(PATH).startsWith("/")) {
            values.problem(PATH, "must start with '/'");
        }
        return new WebSocketConfig(
                values.given(PATH) ? Optional.of(values.get(PATH)) : Optional.empty(),
                values.get(ORIGINS),
                Math.toIntExact(values.get(MAX_FRAME)));
    }

    // ---- a listener
    static final Key<String> PROTOCOL = Key.optional(
            "protocol",
            Types.TEXT,
            "amqp",
            "amqp, amqps (needs tls), amqp-ws, amqp-wss (needs tls) or the protocol of a plugin");
    private static final Key<String> HOST =
            Key.optional("host", Types.TEXT, "127.0.0.1", "the local address to bind; 0.0.0.0 for all");
    static final Key<Integer> PORT =
            Key.possible("port", Types.integer(0, 65_535), "without it 5672, or 5671 with tls; 0 picks a free one");
    private static final Key<TlsConfig> TLS =
            Key.possible("tls", TLS_SHAPE, "encrypts, with the certificate that is named here");
    private static final Key<WebSocketConfig> WEB_SOCKET =
            Key.possible("websocket", WEB_SOCKET_SHAPE, "carries the protocol in WebSockets");
    private static final Key<List<Mechanism>> SASL = Key.optional(
            "sasl", mechanisms(), List.of(), "how its clients may log in; without it as the key of the file says");

    /** How clients may log in. */
    static Type<List<Mechanism>> mechanisms() {
        var words = new LinkedHashMap<String, Mechanism>();
        for (Mechanism mechanism : Mechanism.values()) {
            words.put(mechanism.label(), mechanism);
        }
        return Types.oneOrMore(Types.oneOf(words));
    }

    static Shape<Declared<ListenerConfig>> listener() {
        return Shape.of(
                values -> new Declared<>(listener(values), values), PROTOCOL, HOST, PORT, TLS, WEB_SOCKET, SASL);
    }

    private static ListenerConfig listener(Values values) {
        String protocol = values.get(PROTOCOL);
        Optional<TlsConfig> tls = values.given(TLS) ? Optional.of(values.get(TLS)) : Optional.empty();
        boolean upgrade = tls.isPresent() && tls.get().upgrade() != Upgrade.NEVER;
        boolean web = protocol.equals("amqp-ws") || protocol.equals("amqp-wss") || values.given(WEB_SOCKET);
        if ((protocol.equals("amqps") || protocol.equals("amqp-wss")) && tls.isEmpty()) {
            values.problem(PROTOCOL, protocol + " needs 'tls: { cert: …, key: … }' beside it");
        }
        if (upgrade && (!protocol.equals("amqp") || web)) {
            values.problem(
                    PROTOCOL,
                    "must be amqp, without websocket, where tls has an 'upgrade': nothing else asks for TLS; remove one");
        }
        if (web && !values.given(PORT)) {
            values.problem(PROTOCOL, "needs a 'port' beside it: there is no usual one for WebSockets");
        }
        int usual = tls.isPresent() && !upgrade ? 5671 : 5672;
        return new ListenerConfig(
                BUILT_IN.contains(protocol) ? "amqp" : protocol,
                values.get(HOST),
                values.given(PORT) ? values.get(PORT) : usual,
                tls,
                web
                        ? Optional.of(values.given(WEB_SOCKET) ? values.get(WEB_SOCKET) : WebSocketConfig.DEFAULT)
                        : Optional.empty(),
                values.get(SASL));
    }
}
