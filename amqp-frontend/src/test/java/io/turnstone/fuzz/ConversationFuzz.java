package io.turnstone.fuzz;

import io.turnstone.api.Choices;

/** Whole connections: a peer that speaks AMQP, well or badly, against the front end and the core. */
public final class ConversationFuzz {

    private ConversationFuzz() {}

    /** One connection, made of these choices. */
    public static void fuzzerTestOneInput(byte[] input) {
        var choices = new Choices(input);
        var broker = new FuzzBroker(choices.nextBoolean());
        var conversation = new Conversation(choices, broker);
        conversation.run();
        broker.checkNothingHeld(conversation.witness().messages);
    }
}
