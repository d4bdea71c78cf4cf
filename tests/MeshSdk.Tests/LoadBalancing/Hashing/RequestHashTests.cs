using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Hashing;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.LoadBalancing.Hashing;

public sealed class RequestHashTests
{
    private static ulong Hash(HashSource source, string name, HttpRequestMessage request, string? address = null) =>
        RequestHash.Of(new HashModel(source, name), address, new Random(1)).Of(new PickContext(request));

    private static HttpRequestMessage Get(string uri = "http://backend/", params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static void IsChance(HashSource source, string name, HttpRequestMessage request)
    {
        var hash = RequestHash.Of(new HashModel(source, name), null, new Random(1));
        Assert.Equal(50, Enumerable.Range(0, 50).Select(_ => hash.Of(new PickContext(request))).Distinct().Count());
    }

    [Fact]
    public void Where_nothing_is_hashed_chance_decides() => IsChance(HashSource.None, "", Get(headers: ("x-user", "foo")));

    // Name, values, and what a server sees of them.
    [Theory]
    [InlineData("x-user", "foo", "foo")]
    [InlineData("x-user", "foo|bar", "foo, bar")]
    [InlineData("x-user", "bar|foo", "bar, foo")]
    [InlineData("User-Agent", "foo/1.0 (x)|bar/2.0", "foo/1.0 (x) bar/2.0")]
    [InlineData("Cookie", "a=1|b=2", "a=1; b=2")]
    [InlineData("Accept-Language", "de, en;q=0.5", "de, en; q=0.5")]
    public async Task A_header_is_hashed_as_it_goes_out(string name, string values, string line)
    {
        using var client = new HttpClient();
        foreach (var (protocols, version) in new[] { (HttpProtocols.Http1, HttpVersion.Version11), (HttpProtocols.Http2, HttpVersion.Version20) })
        {
            var seen = new ConcurrentQueue<string>();
            await using var server = await EchoServer.StartAsync("server", protocols, context =>
            {
                seen.Enqueue(string.Join('|', context.Request.Headers[name].AsEnumerable()));
                return Task.CompletedTask;
            });
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{server.EndPoint}/") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            foreach (var value in values.Split('|'))
            {
                request.Headers.Add(name, value);
            }

            var hash = Hash(HashSource.Header, name, request);
            (await client.SendAsync(request)).Dispose();

            Assert.Equal([line], seen);
            Assert.Equal(XxHash.Of(line), hash);
        }
    }

    [Fact]
    public void Headers_of_the_body_count_too()
    {
        var request = Get();
        request.Content = new StringContent("") { Headers = { ContentType = new MediaTypeHeaderValue("text/plain") } };

        Assert.Equal(XxHash.Of("text/plain"), Hash(HashSource.Header, "content-type", request));
    }

    [Theory]
    [InlineData("http://backend/", "", "backend")]
    [InlineData("http://backend:8080/", "", "backend:8080")]
    [InlineData("http://[fd00::1]:8080/", "", "[fd00::1]:8080")]
    [InlineData("http://backend:8080/", "shop.example", "shop.example")]
    public void The_host_is_the_one_that_is_sent(string uri, string header, string host)
    {
        var request = Get(uri);
        request.Headers.Host = header.Length > 0 ? header : null;

        Assert.Equal(XxHash.Of(host), Hash(HashSource.Header, "host", request));
        Assert.Equal(XxHash.Of(host), Hash(HashSource.Header, ":authority", request));
    }

    [Fact]
    public void Pseudo_headers_are_headers()
    {
        Assert.Equal(XxHash.Of("/a?b=c"), Hash(HashSource.Header, ":path", Get("http://backend/a?b=c#d")));
        Assert.Equal(XxHash.Of("GET"), Hash(HashSource.Header, ":method", Get()));
    }

    [Theory]
    [InlineData("?user=foo", "foo")]
    [InlineData("?a=b&user=foo&user=bar", "foo")]
    [InlineData("?user=a%20b+c", "a%20b+c")]
    [InlineData("?user=a=b", "a=b")]
    [InlineData("?user", "")]
    [InlineData("?user=&a", "")]
    public void A_query_parameter_is_hashed_by_its_first_value_as_it_is_written(string query, string value) =>
        Assert.Equal(XxHash.Of(value), Hash(HashSource.QueryParameter, "user", Get($"http://backend/{query}")));

    [Theory]
    [InlineData("user=foo", "foo")]
    [InlineData("a=b; user=foo; user=bar", "foo")]
    [InlineData("xuser=1;user=\"foo\"", "foo")]
    [InlineData("user=\"", "\"")]
    [InlineData("user; user=a=b", "a=b")]
    public void A_cookie_is_hashed_by_its_value(string cookies, string value) =>
        Assert.Equal(XxHash.Of(value), Hash(HashSource.Cookie, "user", Get(headers: ("Cookie", cookies))));

    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("FD00:0::1", "fd00::1")]
    public void The_callers_address_is_hashed_without_its_port(string address, string text) =>
        Assert.Equal(XxHash.Of(text), Hash(HashSource.SourceAddress, "", Get(), address));

    [Theory]
    [InlineData(null)]
    [InlineData("localhost")]
    public void An_address_that_is_not_known_is_found(string? address)
    {
        var hash = Hash(HashSource.SourceAddress, "", Get(), address);

        // A machine without a network has none; then each request goes anywhere.
        Assert.True(hash == Hash(HashSource.SourceAddress, "", Get(), address));
    }

    [Fact]
    public void What_is_not_there_leaves_it_to_chance()
    {
        IsChance(HashSource.Header, "x-user", Get());
        IsChance(HashSource.QueryParameter, "user", Get("http://backend/?users=1&a&&"));
        IsChance(HashSource.QueryParameter, "user", Get("http://backend/user=1"));
        IsChance(HashSource.Cookie, "user", Get());
        IsChance(HashSource.Cookie, "user", Get(headers: ("Cookie", "a=b; user=; user=late")));
    }

    [Fact]
    public void Nothing_is_allocated_for_usual_requests()
    {
        var request = Get("http://backend:8080/?user=foo", ("x-user", "foo"), ("Cookie", "user=foo"));
        var hashes = Enum.GetValues<HashSource>().Select(source => RequestHash.Of(new HashModel(source, source == HashSource.Header ? "x-user" : "user"), "10.0.0.1", new Random(1)))
            .Append(RequestHash.Of(new HashModel(HashSource.Header, "host"), null, new Random(1))).ToArray();
        Run();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            foreach (var hash in hashes)
            {
                hash.Of(new PickContext(request));
            }
        }
    }
}
