package io.turnstone.it.client;

import java.util.Properties;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.objectweb.jtests.jms.admin.Admin;

/**
 * What JORAM's tests need done before each of them, with Qpid JMS' own directory of names. Each destination is a new
 * one on the broker, so that no test finds what another left. The system property {@code url} says where the broker is.
 */
public final class ConformanceAdmin implements Admin {

    private static int destinations;

    private final Properties names = new Properties();

    /** For JORAM's tests, which know this class by its name. */
    public ConformanceAdmin() {
        names.setProperty(Context.INITIAL_CONTEXT_FACTORY, "org.apache.qpid.jms.jndi.JmsInitialContextFactory");
    }

    @Override
    public String getName() {
        return "turnstone";
    }

    @Override
    public Context createContext() throws NamingException {
        return new InitialContext(names);
    }

    @Override
    public void createConnectionFactory(String name) {
        names.setProperty("connectionfactory." + name, System.getProperty("url"));
    }

    @Override
    public void createQueueConnectionFactory(String name) {
        createConnectionFactory(name);
    }

    @Override
    public void createTopicConnectionFactory(String name) {
        createConnectionFactory(name);
    }

    @Override
    public void createQueue(String name) {
        names.setProperty("queue." + name, name + "-" + ++destinations);
    }

    @Override
    public void createTopic(String name) {
        names.setProperty("topic." + name, name + "-" + ++destinations);
    }

    @Override
    public void deleteConnectionFactory(String name) {
        names.remove("connectionfactory." + name);
    }

    @Override
    public void deleteQueueConnectionFactory(String name) {
        deleteConnectionFactory(name);
    }

    @Override
    public void deleteTopicConnectionFactory(String name) {
        deleteConnectionFactory(name);
    }

    @Override
    public void deleteQueue(String name) {
        names.remove("queue." + name);
    }

    @Override
    public void deleteTopic(String name) {
        names.remove("topic." + name);
    }

    @Override
    public void startServer() {}

    @Override
    public void stopServer() {}

    @Override
    public void start() {}

    @Override
    public void stop() {}
}
