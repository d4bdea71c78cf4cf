using System.Text;
using MeshSdk.Http.Bodies;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Bodies;

/// <summary>What a caller writes once reaches every attempt from the beginning, and is let go when it is needed no longer.</summary>
public sealed class RelayedContentTests : IDisposable
{
    private const int Mega = KeptTotal.MostOfOne;

    private readonly KeptTotal _total = new();
    private readonly WrittenContent _caller = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly RelayedContent _relay;

    public RelayedContentTests() => _relay = new RelayedContent(_caller, _total, _gone.Token);

    public void Dispose()
    {
        _relay.Dispose();
        _caller.Dispose();
        _gone.Dispose();
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private async Task<Stream> StreamAsync() => await _caller.Stream.WaitAsync(Eventually.Patience);

    private async Task WriteAsync(string text) => await (await StreamAsync()).WriteAsync(Bytes(text)).AsTask().WaitAsync(Eventually.Patience);

    private Task AttemptAsync(Connection connection) => _relay.CopyToAsync(connection, TestContext.Current.CancellationToken);

    private static Task SentAsync(Connection connection, string text) => Eventually.HoldsAsync(() => connection.Text == text, $"'{text}' is sent");

    private static async Task<T> EndsAsync<T>(Task attempt)
        where T : Exception => await Assert.ThrowsAnyAsync<T>(() => attempt.WaitAsync(Eventually.Patience));

    [Fact]
    public async Task Each_attempt_gets_all_from_the_beginning_and_the_caller_writes_once()
    {
        var (first, second) = (new Connection(), new Connection());
        var attempt = AttemptAsync(first);
        await WriteAsync("a");
        await SentAsync(first, "a");

        _relay.Detach();
        await EndsAsync<OperationCanceledException>(attempt);
        await WriteAsync("b");
        attempt = AttemptAsync(second);
        await WriteAsync("c");
        await SentAsync(second, "abc");
        _caller.Complete();
        await attempt.WaitAsync(Eventually.Patience);

        Assert.Equal(("a", "abc", 1, true), (first.Text, second.Text, _caller.Copies, _relay.CanBeSentAgain));
        Assert.Equal(3, _total.Bytes);
        _relay.Commit();
        Assert.Equal(0, _total.Bytes);
    }

    [Fact]
    public async Task An_attempt_that_is_stuck_in_flow_control_holds_up_neither_the_caller_nor_the_next_one()
    {
        var (stuck, next) = (new Connection().Shut(), new Connection());
        var first = AttemptAsync(stuck);
        await WriteAsync("a");
        await Eventually.HoldsAsync(() => stuck.Waiting == 1, "it waits");
        await WriteAsync("b");

        _relay.Detach();
        var second = AttemptAsync(next);
        await WriteAsync("c");
        await SentAsync(next, "abc");
        stuck.Open();
        await EndsAsync<OperationCanceledException>(first);

        // What comes now is the second attempt's alone.
        await WriteAsync("d");
        await SentAsync(next, "abcd");
        _caller.Complete();
        await second.WaitAsync(Eventually.Patience);
        Assert.Equal("a", stuck.Text);
    }

    [Fact]
    public async Task What_is_flushed_is_flushed_for_each_attempt_and_waits_for_none()
    {
        var (first, second) = (new Connection(), new Connection());
        var attempt = AttemptAsync(first);
        await WriteAsync("a");
        await (await StreamAsync()).FlushAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => first.Flushes == 1, "it is flushed, though the caller has not ended");
        _relay.Detach();
        await EndsAsync<OperationCanceledException>(attempt);

        attempt = AttemptAsync(second);
        await Eventually.HoldsAsync(() => second.Flushes == 1, "it is flushed again");
        Assert.Equal("a", second.Text);
        _caller.Complete();
        await attempt.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public async Task What_grows_too_large_between_two_attempts_goes_to_the_next_one_and_to_no_other()
    {
        var (first, second) = (new Connection(), new Connection());
        var attempt = AttemptAsync(first);
        await WriteAsync("a");
        await SentAsync(first, "a");
        _relay.Detach();
        await EndsAsync<OperationCanceledException>(attempt);

        await WriteAsync(new string('b', Mega - 1));
        Assert.True(_relay.CanBeSentAgain);
        var stream = await StreamAsync();
        var last = stream.WriteAsync(Bytes("c"), TestContext.Current.CancellationToken).AsTask();
        Assert.False(last.IsCompleted);
        Assert.False(_relay.CanBeSentAgain);
        Assert.Equal(Mega, _total.Bytes);

        attempt = AttemptAsync(second);
        await last.WaitAsync(Eventually.Patience);
        Assert.Equal((Mega + 1, 'c'), (second.Count, second.Text[^1]));
        Assert.Equal(0, _total.Bytes);
        await WriteAsync("d");
        Assert.Equal('d', second.Text[^1]);
        _caller.Complete();
        await attempt.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public async Task A_write_that_waits_for_its_turn_fails_where_no_attempt_comes()
    {
        var attempt = AttemptAsync(new Connection().Break(new IOException("reset")));
        await WriteAsync("a");
        await EndsAsync<Exception>(attempt);
        _relay.Detach();
        await WriteAsync(new string('b', Mega - 1));
        var last = (await StreamAsync()).WriteAsync(Bytes("c"), TestContext.Current.CancellationToken).AsTask();

        _relay.Commit();

        await EndsAsync<OperationCanceledException>(last);
        Assert.Equal(0, _total.Bytes);
    }

    [Fact]
    public async Task A_write_that_waits_for_its_turn_can_be_cancelled()
    {
        var stuck = new Connection().Shut();
        _ = AttemptAsync(stuck);
        await WriteAsync(new string('a', Mega));
        using var cancellation = new CancellationTokenSource();
        var last = (await StreamAsync()).WriteAsync(Bytes("b"), cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await EndsAsync<OperationCanceledException>(last);
        _caller.Complete();
        stuck.Open();
    }

    [Fact]
    public async Task All_calls_together_keep_no_more_than_16_MiB_and_give_it_back()
    {
        var calls = Enumerable.Range(0, 17).Select(_ => (Caller: new WrittenContent(), Connection: new Connection())).ToArray();
        var relays = calls.Select(call => new RelayedContent(call.Caller, _total, CancellationToken.None)).ToArray();
        var attempts = relays.Select((relay, i) => relay.CopyToAsync(calls[i].Connection, TestContext.Current.CancellationToken)).ToArray();
        foreach (var (caller, _) in calls)
        {
            await (await caller.Stream).WriteAsync(Bytes(new string('a', Mega)), TestContext.Current.CancellationToken);
        }

        // The last one found no room, and was sent all the same.
        Assert.Equal(16L * Mega, _total.Bytes);
        Assert.Equal([.. Enumerable.Repeat(true, 16), false], relays.Select(static relay => relay.CanBeSentAgain));
        Assert.Equal(Mega, calls[16].Connection.Count);

        // However a call ends.
        for (var i = 0; i < 16; i++)
        {
            if (i % 2 == 0)
            {
                relays[i].Commit();
            }

            calls[i].Caller.Complete();
            await attempts[i].WaitAsync(Eventually.Patience);
            relays[i].Dispose();
            Assert.Equal((15L - i) * Mega, _total.Bytes);
        }

        calls[16].Caller.Complete();
        await attempts[16].WaitAsync(Eventually.Patience);
        relays[16].Dispose();
        Assert.Equal(0, _total.Bytes);
    }

    [Fact]
    public async Task After_the_commit_the_caller_writes_to_the_connection_and_nothing_is_kept()
    {
        var connection = new Connection();
        var attempt = AttemptAsync(connection);
        await WriteAsync("a");
        await SentAsync(connection, "a");

        _relay.Commit();
        await WriteAsync("b");
        await (await StreamAsync()).FlushAsync(TestContext.Current.CancellationToken);

        // Not later: the caller's write is that of the connection now.
        Assert.Equal(("ab", 1, 0L, false), (connection.Text, connection.Flushes, _total.Bytes, _relay.CanBeSentAgain));
        connection.Break(new IOException("reset"));
        await Assert.ThrowsAsync<IOException>(() => WriteAsync("c"));
        _caller.Complete();
        await attempt.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public async Task What_is_written_when_the_call_is_committed_and_no_attempt_runs_fails()
    {
        var attempt = AttemptAsync(new Connection());
        await WriteAsync("a");
        _relay.Detach();
        await EndsAsync<OperationCanceledException>(attempt);
        _relay.Commit();
        await Assert.ThrowsAsync<OperationCanceledException>(() => WriteAsync("b"));
        await EndsAsync<HttpRequestException>(AttemptAsync(new Connection()));
        Assert.Equal(0, _total.Bytes);
    }

    [Fact]
    public async Task The_HTTP_stack_may_send_it_again_by_itself()
    {
        var (first, second) = (new Connection(), new Connection());
        var attempt = AttemptAsync(first);
        await WriteAsync("a");
        await SentAsync(first, "a");
        var again = AttemptAsync(second);
        await EndsAsync<OperationCanceledException>(attempt);
        await WriteAsync("b");
        _caller.Complete();
        await again.WaitAsync(Eventually.Patience);
        Assert.Equal(("a", "ab"), (first.Text, second.Text));
    }

    // Two ways in which it becomes known what becomes of the call.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_a_stream_was_reset_the_HTTP_stack_says_so_first(bool isRetried)
    {
        var attempt = AttemptAsync(new Connection().Break(new OperationCanceledException("reset")));
        await WriteAsync("a");
        Assert.False(attempt.IsCompleted);
        if (isRetried)
        {
            _relay.Detach();
        }
        else
        {
            _relay.Commit();
        }

        await EndsAsync<OperationCanceledException>(attempt);
    }

    [Fact]
    public async Task Nobody_says_more_of_an_attempt_that_was_stopped()
    {
        using var stop = new CancellationTokenSource();
        _relay.Begin(stop.Token);
        var attempt = _relay.CopyToAsync(new Connection().Shut(), stop.Token);
        await WriteAsync("a");
        await stop.CancelAsync();
        await EndsAsync<OperationCanceledException>(attempt);
    }

    [Fact]
    public async Task What_the_callers_content_throws_ends_the_attempt_and_there_is_no_other()
    {
        var connection = new Connection();
        var attempt = AttemptAsync(connection);
        await WriteAsync("a");
        await SentAsync(connection, "a");
        _caller.Fail(new InvalidOperationException("cannot be serialized"));
        Assert.Equal("cannot be serialized", (await EndsAsync<InvalidOperationException>(attempt)).Message);
        Assert.False(_relay.CanBeSentAgain);
        _relay.Commit();
        Assert.Equal(0, _total.Bytes);
    }

    [Fact]
    public async Task A_caller_that_goes_ends_the_writing()
    {
        var attempt = AttemptAsync(new Connection());
        await WriteAsync("a");
        await _gone.CancelAsync();
        await EndsAsync<OperationCanceledException>(attempt);
        Assert.False(_relay.CanBeSentAgain);
    }

    [Fact]
    public async Task A_message_that_is_disposed_of_takes_all_with_it()
    {
        var attempt = AttemptAsync(new Connection().Break(new IOException("reset")));
        await WriteAsync("a");
        await EndsAsync<Exception>(attempt);
        Assert.Equal(1, _total.Bytes);
        _relay.Dispose();
        Assert.Equal((0L, true), (_total.Bytes, _caller.IsDisposed));
        await Assert.ThrowsAsync<OperationCanceledException>(() => WriteAsync("b"));
    }
}
