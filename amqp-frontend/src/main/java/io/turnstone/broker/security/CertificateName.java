package io.turnstone.broker.security;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** Which part of a client's certificate says who it is. */
public enum CertificateName {
    /** The CN of the subject. */
    COMMON_NAME("common-name", -1),
    /** The whole subject as RFC 2253 writes it: {@code CN=shop,O=Example}. */
    SUBJECT("subject", -1),
    /** An alternative name that is a host. */
    DNS("dns", 2),
    /** An alternative name that is an e-mail address. */
    EMAIL("email", 1),
    /** An alternative name that is a URI, such as a SPIFFE ID. */
    URI("uri", 6);

    private final String label;
    /** The number of an alternative name (RFC 5280, section 4.2.1.6). */
    private final int kind;

    CertificateName(String label, int kind) {
        this.label = label;
        this.kind = kind;
    }

    /** The word in the configuration. */
    public String label() {
        return label;
    }

    /** What a certificate says about that, in its own order; possibly nothing. */
    public List<String> of(X509Certificate certificate) {
        return switch (this) {
            case SUBJECT -> List.of(certificate.getSubjectX500Principal().getName());
            case COMMON_NAME -> commonNames(certificate);
            case DNS, EMAIL, URI -> alternatives(certificate);
        };
    }

    private static List<String> commonNames(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) {
                    names.add(name);
                }
            }
        } catch (InvalidNameException e) {
            return List.of(); // what cannot be read names nobody
        }
        return names;
    }

    private List<String> alternatives(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            if (all != null) {
                for (List<?> alternative : all) {
                    if (Integer.valueOf(kind).equals(alternative.get(0)) && alternative.get(1) instanceof String name) {
                        names.add(name);
                    }
                }
            }
        } catch (CertificateParsingException e) {
            return List.of(); // what cannot be read names nobody
        }
        return names;
    }
}
