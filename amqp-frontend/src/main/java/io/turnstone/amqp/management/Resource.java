package io.turnstone.amqp.management;

import java.util.concurrent.CompletionStage;

/** What requests are about: one kind of thing and its methods. Any thread. */
interface Resource {

    /**
     * Does what a request asks for.
     *
     * @return completes on some loop; exceptionally with {@link io.turnstone.api.RefusedException} or {@link RequestRefusal}
     * @throws RequestRefusal when the request makes no sense
     * @throws io.turnstone.api.RefusedException when the broker refuses it at once
     */
    CompletionStage<Answer> answer(Request request, RequestPath path);

    /** The refusal of a method that this thing does not have. */
    static RequestRefusal noMethod(Request request, String allowed) {
        return new RequestRefusal(
                405, "method '" + request.method() + "' is not allowed on " + request.target() + "; use " + allowed);
    }

    /** Refuses a body where none belongs. */
    static void noBody(Request request) {
        if (request.body() != null) {
            throw RequestRefusal.bad(request.method() + " " + request.target() + " takes no body; send null");
        }
    }
}
