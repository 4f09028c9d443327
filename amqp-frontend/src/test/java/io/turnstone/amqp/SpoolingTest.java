package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.message.Messages;
import io.turnstone.api.Body;
import io.turnstone.api.FakeSpool;
import io.turnstone.api.Message;
import io.turnstone.api.store.StoreException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A large message that comes")
class SpoolingTest {

    private static final int LIMIT = 64 * 1024;
    private static final int FRAME = 16 * 1024;

    private final FakeSpool spool = new FakeSpool(FRAME);
    private final ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withSpoolBytes(LIMIT), spool);

    private static byte[] large(int seed, int bytes) {
        byte[] message = Messages.data(bytes);
        var random = new Random(seed);
        for (int i = 8; i < message.length; i++) {
            message[i] = (byte) random.nextInt();
        }
        return message;
    }

    /** Sends bytes as the transfers of one delivery, to its last byte if that is the end. */
    private void send(int handle, int id, boolean settled, byte[] bytes, int from, int to) {
        for (int at = from; at < to; at += FRAME) {
            Transfer transfer = at == 0 ? ScriptedPeer.transfer(id, settled) : new Transfer();
            transfer.setHandle(UnsignedInteger.valueOf(handle));
            int end = Math.min(at + FRAME, to);
            transfer.setMore(end < bytes.length);
            peer.send(0, transfer, Arrays.copyOfRange(bytes, at, end));
        }
    }

    private void send(int id, byte[] bytes) {
        send(0, id, false, bytes, 0, bytes.length);
    }

    private Message next() {
        return peer.router.queue("q").entries.remove().message();
    }

    private static byte[] file(Message message) {
        return ((FakeSpool.Written) ((Body.Spooled) message.body()).file()).bytes;
    }

    private <T> T find(Class<T> type) {
        while (true) {
            Object body = peer.next().body();
            if (type.isInstance(body)) {
                return type.cast(body);
            }
        }
    }

    @Test
    void isPublishedWhenItsFileIsWhole() {
        peer.sending("q");
        byte[] message = large(1, 300_000);

        send(0, message);
        assertThat(peer.router.queue("q").entries).isEmpty();
        spool.work(peer.loop);

        assertThat(find(Disposition.class).getState()).isInstanceOf(Accepted.class);
        Message published = next();
        assertThat(file(published)).isEqualTo(message);
        assertThat(published.body().heapBytes()).isEqualTo(8);
        assertThat(published.size()).isEqualTo(message.length);
        assertThat(spool.open).isZero();
    }

    @Test
    void asksForAFileThatSurvivesIfItIsDurable() {
        peer.sending("q");
        var header = new Header();
        header.setDurable(true);
        byte[] head = peer.section(header);
        byte[] message = Arrays.copyOf(head, head.length + 100_008);
        System.arraycopy(large(1, 100_000), 0, message, head.length, 100_008);

        send(0, message);
        send(1, large(2, 100_000));
        spool.work(peer.loop);

        assertThat(spool.files).extracting(file -> file.durable).containsExactly(true, false);
    }

    @Test
    void keepsItsPlaceAmongThoseOfItsLink() {
        peer.sending("q");

        send(0, large(1, 100_000));
        send(1, peer.message("small"));
        send(2, large(2, 200_000));
        send(3, peer.message("small too"));
        assertThat(peer.router.queue("q").entries).isEmpty();
        spool.work(peer.loop);

        assertThat(peer.router.queue("q").entries)
                .extracting(entry -> entry.message().size())
                .containsExactly(100_008L, (long) peer.message("small").length, 200_008L, (long)
                        peer.message("small too").length);
    }

    @Test
    void leavesOtherLinksAlone() {
        peer.sending("q");
        peer.send(0, peer.attach("other", 1, Role.SENDER, "other"));
        byte[] message = large(1, 300_000);

        send(0, 0, false, message, 0, 10 * FRAME);
        send(1, 1, false, peer.message("small"), 0, peer.message("small").length);

        assertThat(peer.router.queue("other").entries).hasSize(1);
        send(0, 0, false, message, 10 * FRAME, message.length);
        spool.work(peer.loop);
        assertThat(file(next())).isEqualTo(message);
    }

    @Test
    void isForgottenWhenItIsAborted() {
        peer.sending("q");
        send(0, 0, false, large(1, 300_000), 0, 10 * FRAME);
        var abort = new Transfer();
        abort.setHandle(UnsignedInteger.ZERO);
        abort.setAborted(true);

        peer.send(0, abort);
        spool.work(peer.loop);

        assertThat(spool.open).isZero();
        assertThat(spool.files).isEmpty();
        send(1, large(2, 100_000));
        spool.work(peer.loop);
        assertThat(peer.router.queue("q").entries).hasSize(1);
    }

    @Test
    void isForgottenWhenItsLinkEndsInTheMiddle() {
        peer.sending("q");
        send(0, 0, false, large(1, 300_000), 0, 10 * FRAME);

        peer.send(0, ScriptedPeer.detach(0, true));

        assertThat(spool.open).isZero();
    }

    @Test
    void isForgottenWhenItsConnectionIsLostInTheMiddle() {
        peer.sending("q");
        send(0, 0, false, large(1, 300_000), 0, 10 * FRAME);

        peer.lost();
        spool.work(peer.loop);

        assertThat(spool.open).isZero();
        assertThat(spool.files).isEmpty();
    }

    @Test
    void isPublishedEvenIfItsLinkEndsBeforeItsFileIsWhole() {
        peer.sending("q");
        byte[] message = large(1, 300_000);
        send(0, 0, true, message, 0, message.length);

        peer.send(0, ScriptedPeer.detach(0, true));
        assertThat(peer.router.publishers.get(0).closed).isFalse();
        spool.work(peer.loop);

        assertThat(file(next())).isEqualTo(message);
        assertThat(peer.router.publishers.get(0).closed).isTrue();
    }

    @Test
    void isRejectedWhenItCannotBeWritten() {
        peer.sending("q");
        byte[] message = large(1, 300_000);
        send(0, 0, false, message, 0, 10 * FRAME);
        spool.failure = StoreException.full("the disk is full", null);
        spool.work(peer.loop);
        assertThat(spool.open).isZero();

        send(0, 0, false, message, 10 * FRAME, message.length);

        var rejected = (Rejected) find(Disposition.class).getState();
        assertThat((Object) rejected.getError().getCondition()).isEqualTo(AmqpError.RESOURCE_LIMIT_EXCEEDED);
        assertThat(rejected.getError().getDescription()).contains("the disk is full");
        spool.failure = null;
        send(1, large(2, 100_000));
        spool.work(peer.loop);
        assertThat(peer.router.queue("q").entries).hasSize(1);
    }

    @Test
    void isRefusedAtOnceWhenItsPropertiesAreLarge() {
        peer.sending("q");
        byte[] properties = peer.section(new ApplicationProperties(Map.of("a", "y".repeat(60_000))));
        byte[] message = Arrays.copyOf(properties, 300_000);
        // The map and its one string say that they are longer than the head.
        ByteBuffer.wrap(message).putInt(4, 70_010).putInt(4 + 4 + 4 + 3 + 1, 70_000);

        send(0, 0, false, message, 0, 6 * FRAME);

        peer.forgetUntilDetach("amqp:decode-error");
        assertThat(spool.open).isZero();
    }

    @Test
    void isRefusedWhenItIsCutShort() {
        peer.sending("q");
        byte[] message = large(1, 300_000);

        send(0, Arrays.copyOf(message, 250_000));
        spool.work(peer.loop);

        peer.forgetUntilDetach("amqp:decode-error");
    }

    @Test
    void comesInASmallWindowThatClosesWhileTheDiskIsBusy() {
        peer.sending("q");
        byte[] message = large(1, 3_000_000);
        send(0, 0, false, message, 0, 5 * FRAME);
        assertThat(find(Flow.class).getIncomingWindow().intValue()).isEqualTo((4 << 20) / FRAME);

        send(0, 0, false, message, 5 * FRAME, 100 * FRAME);
        assertThat(find(Flow.class).getIncomingWindow()).isEqualTo(UnsignedInteger.ZERO);
        assertThat(peer.channel.reading()).isTrue();
        spool.work(peer.loop);
        assertThat(find(Flow.class).getIncomingWindow().intValue()).isPositive();

        send(0, 0, false, message, 100 * FRAME, message.length);
        spool.work(peer.loop);
        Flow usual = find(Flow.class);
        while (usual.getIncomingWindow().intValue() != 4096) {
            usual = find(Flow.class);
        }
        assertThat(file(next())).isEqualTo(message);
    }

    @Test
    void isNotReadAnyFurtherWhenFarTooMuchWaits() {
        peer.sending("q");
        byte[] message = large(1, 20_000_000);
        send(0, 0, false, message, 0, 600 * FRAME);
        assertThat(peer.channel.reading()).isFalse();

        spool.work(peer.loop);

        assertThat(peer.channel.reading()).isTrue();
    }

    @Test
    void waitsForTheDiskThatOthersKeepBusy() {
        peer.sending("q");
        byte[] message = large(1, 3_000_000);
        spool.congested = true;
        send(0, 0, false, message, 0, 30 * FRAME);
        assertThat(peer.channel.reading()).isFalse();

        spool.work(peer.loop);

        assertThat(peer.channel.reading()).isTrue();
    }

    @Test
    void mayBeginOnManyLinksAtOnce() {
        peer.sending("q");
        byte[] message = large(1, 300_000);
        for (int link = 1; link <= 100; link++) {
            peer.send(0, peer.attach("out" + link, link, Role.SENDER, "q"));
        }
        for (int link = 1; link <= 100; link++) {
            send(link, link, false, message, 0, 10 * FRAME);
        }
        for (int link = 1; link <= 100; link++) {
            send(link, link, false, message, 10 * FRAME, message.length);
        }
        spool.work(peer.loop);

        assertThat(peer.router.queue("q").entries).hasSize(100);
        assertThat(peer.channel.reading()).isTrue();
    }

    @Test
    void staysOnTheHeapWithoutASpool() {
        var other = new ScriptedPeer(ScriptedPeer.SETTINGS.withSpoolBytes(LIMIT)).sending("q");

        other.send(0, ScriptedPeer.transfer(0, true), large(1, 100_000));

        assertThat(other.router.queue("q").entries.remove().message().body()).isInstanceOf(Body.Inline.class);
    }

    @Test
    void doesNotHoldUpAStopWhenItsLinkHasGoneMeanwhile() {
        peer.sending("q");
        send(0, large(1, 100_000));
        peer.send(0, ScriptedPeer.detach(0, true));
        find(Detach.class);
        spool.work(peer.loop);
        assertThat(peer.router.queue("q").entries).hasSize(1);

        peer.loop.within(peer.connection::stop);

        assertThat(find(Close.class).getError().getCondition().toString()).isEqualTo("amqp:connection:forced");
    }
}
