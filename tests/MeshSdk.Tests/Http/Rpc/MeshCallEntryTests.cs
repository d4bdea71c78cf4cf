using MeshSdk.Http.Rpc;

namespace MeshSdk.Tests.Http.Rpc;

public sealed class MeshCallEntryTests
{
    private static readonly MeshCallInfo Full = new()
    {
        Route = "GRPCRoute shop/orders", Rule = 2, Backend = "shop/backend:7070", Endpoint = "[fd00::7]:7070", Attempts = 3, Flags = "URX,UF", Peer = "spiffe://cluster.local/ns/shop/sa/backend",
    };

    [Fact]
    public void It_is_readable_and_leaves_out_what_is_not_known()
    {
        Assert.Equal(
            "route=GRPCRoute shop/orders;rule=2;backend=shop/backend:7070;endpoint=%5Bfd00::7%5D:7070;attempts=3;flags=URX%2CUF;peer=spiffe://cluster.local/ns/shop/sa/backend",
            MeshCallEntry.Format(Full));
        Assert.Equal("attempts=0;flags=-", MeshCallEntry.Format(new MeshCallInfo()));
    }

    public static TheoryData<string> Values => new("a;b=c", "%20", "%2F%3A%", "100 %", "é€😀", "a\r\nb", "", " ", new string('x', 200_000));

    [Theory]
    [MemberData(nameof(Values))]
    public void Whatever_a_name_holds_comes_back_and_is_printable_ASCII_on_the_way(string value)
    {
        var call = Full with { Route = value, Endpoint = value, Flags = value, Peer = value };
        var entry = MeshCallEntry.Format(call);
        Assert.Equal(call, MeshCallEntry.Parse(entry));
        Assert.DoesNotContain(entry, static c => c is < ' ' or > '~');
    }

    [Fact]
    public void What_is_not_known_comes_back_as_such() => Assert.Equal(new MeshCallInfo(), MeshCallEntry.Parse(MeshCallEntry.Format(new MeshCallInfo())));

    // Servers may write anything.
    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("=")]
    [InlineData("nonsense")]
    [InlineData("attempts=1")]
    [InlineData("flags=-")]
    [InlineData("attempts=1;flags=-;")]
    [InlineData("attempts=1;;flags=-")]
    [InlineData("attempts=1;flags=-;=x")]
    [InlineData("attempts=1;attempts=1;flags=-")]
    [InlineData("attempts=-1;flags=-")]
    [InlineData("attempts=one;flags=-")]
    [InlineData("attempts=99999999999;flags=-")]
    [InlineData("attempts= 1;flags=-")]
    public void What_is_no_such_entry_is_none(string entry) => Assert.Null(MeshCallEntry.Parse(entry));

    [Theory]
    [InlineData("attempts=1;flags=UF;more=x")]
    [InlineData("flags=UF;attempts=1")]
    [InlineData("attempts=1;flags=UF;rule=none")]
    [InlineData("attempts=1;flags=%55F")]
    public void What_a_later_version_adds_is_passed_over(string entry) =>
        Assert.Equal(new MeshCallInfo { Attempts = 1, Flags = "UF" }, MeshCallEntry.Parse(entry));

    [Theory]
    [InlineData("%")]
    [InlineData("%zz")]
    [InlineData("%ff%fe")]
    public void Broken_escapes_throw_nothing(string value) => Assert.Equal(1, MeshCallEntry.Parse($"attempts=1;flags=-;route={value}")!.Attempts);

    [Fact]
    public void Nor_does_one_that_is_longer_than_any()
    {
        Assert.Null(MeshCallEntry.Parse(string.Concat(Enumerable.Range(0, 100_000).Select(static i => $"f{i}=x;"))));
        Assert.NotNull(MeshCallEntry.Parse(string.Concat(Enumerable.Range(0, 100_000).Select(static i => $"f{i}=x;")) + "attempts=1;flags=-"));
    }
}
