using MeshSdk.Http.Timeouts;

namespace MeshSdk.Tests.Http.Attempts;

public sealed class ReadLimitTests : IDisposable
{
    private readonly CancellationTokenSource _reader = new();
    private readonly CancellationTokenSource _limit = new();

    public void Dispose()
    {
        _reader.Dispose();
        _limit.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_ends_with_either(bool reader)
    {
        using var either = ReadLimit.Of(_reader.Token, _limit.Token);
        Assert.False(either.Token.IsCancellationRequested);
        (reader ? _reader : _limit).Cancel();
        Assert.True(either.Token.IsCancellationRequested);
    }

    [Fact]
    public void One_that_is_there_already_ends_it_at_once()
    {
        _limit.Cancel();
        using var either = ReadLimit.Of(_reader.Token, _limit.Token);
        Assert.True(either.Token.IsCancellationRequested);
    }

    [Fact]
    public void Where_one_never_ends_it_is_the_other()
    {
        Assert.Equal(_reader.Token, ReadLimit.Of(_reader.Token, CancellationToken.None).Token);
        Assert.Equal(_limit.Token, ReadLimit.Of(CancellationToken.None, _limit.Token).Token);
    }

    [Fact]
    public void Who_read_before_ends_nothing()
    {
        for (var i = 0; i < 100; i++)
        {
            using var past = new CancellationTokenSource();
            ReadLimit.Of(past.Token, _limit.Token).Dispose();
            using var either = ReadLimit.Of(_reader.Token, _limit.Token);
            past.Cancel();
            Assert.False(either.Token.IsCancellationRequested);
        }
    }

    [Fact]
    public async Task A_cancellation_that_comes_at_the_end_hits_nobody_else()
    {
        for (var i = 0; i < 2000; i++)
        {
            using var late = new CancellationTokenSource();
            var first = ReadLimit.Of(late.Token, _limit.Token);
            var cancelling = Task.Run(late.Cancel);
            first.Dispose();
            using var next = ReadLimit.Of(_reader.Token, _limit.Token);
            await cancelling;
            Assert.False(next.Token.IsCancellationRequested);
        }
    }

    // On average: tests beside this one may hold what would be used again.
    [Fact]
    public void A_body_that_is_read_in_many_pieces_does_not_pay_for_each()
    {
        const int Reads = 10_000;
        ReadLimit.Of(_reader.Token, _limit.Token).Dispose();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Reads; i++)
        {
            ReadLimit.Of(_reader.Token, _limit.Token).Dispose();
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Reads, 0, 20);
    }
}
