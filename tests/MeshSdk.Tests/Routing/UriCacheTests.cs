using MeshSdk.Routing;

namespace MeshSdk.Tests.Routing;

public sealed class UriCacheTests
{
    private readonly UriCache _cache = new();
    private int _made;

    private Uri Get(string path, string scheme = "https", string host = "backend", int port = 80) => _cache.GetOrAdd(scheme, host, port, path, (s, h, p, q) =>
    {
        _made++;
        return new Uri($"{s}://{h}:{p}{q}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    });

    [Fact]
    public void The_same_is_made_once()
    {
        Assert.Same(Get("/a%2Fb/../c"), Get("/a%2Fb/../c"));
        Assert.Equal("https://backend:80/a%2Fb/../c", Get("/a%2Fb/../c").OriginalString);
        Assert.Equal(1, _made);
    }

    [Fact]
    public void What_differs_in_any_part_is_another_one()
    {
        Get("/a");
        Assert.Equal("https://other:80/a", Get("/a", host: "other").OriginalString);
        Assert.Equal("https://other:81/a", Get("/a", host: "other", port: 81).OriginalString);
        Assert.Equal("wss://other:81/a", Get("/a", "wss", "other", 81).OriginalString);
        Assert.Equal("https://backend:80/A", Get("/A").OriginalString);
    }

    [Theory]
    [InlineData("/a?token=secret")]
    [InlineData("/?")]
    [InlineData(null)]
    public void A_query_and_what_is_very_long_are_not_kept(string? path)
    {
        path ??= "/" + new string('a', 300);
        Assert.NotSame(Get(path), Get(path));
    }

    [Fact]
    public void However_many_there_are_each_is_the_right_one()
    {
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 2000; i++)
            {
                var path = $"/{i % 500}";
                Assert.Equal(path, Get(path).PathAndQuery);
            }
        });
    }
}
