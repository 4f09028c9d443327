package example;

import io.turnstone.api.Condition;
import io.turnstone.api.Refusal;
import io.turnstone.api.plugin.Plugin;
import io.turnstone.api.plugin.PluginContext;
import io.turnstone.api.plugin.PublishInterceptor.Verdict;
import java.util.Map;

/** Refuses messages larger than {@code config: { bytes: N }} and tells their publishers why. */
public final class MaxSizePlugin implements Plugin {

    @Override
    public String name() {
        return "max-size";
    }

    @Override
    public void start(PluginContext context) {
        if (!(context.config().get("bytes") instanceof Number limit) || limit.longValue() < 1) {
            throw new IllegalArgumentException("bytes must be a whole number of at least 1");
        }
        long most = limit.longValue();
        context.publishInterceptor((message, to, from) -> {
            if (message.size() <= most) {
                return Verdict.PASS;
            }
            return new Verdict.Refuse(new Refusal(
                    Condition.LIMIT_EXCEEDED,
                    "message has " + message.size() + " bytes; the limit of this broker is " + most,
                    Map.of("limit", most)));
        });
        context.logger().log(System.Logger.Level.INFO, "refusing messages over {0} bytes", most);
    }

    @Override
    public void close() {}
}
