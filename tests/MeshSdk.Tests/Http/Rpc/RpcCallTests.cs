using System.Net.Http.Headers;
using MeshSdk.Http.Rpc;

namespace MeshSdk.Tests.Http.Rpc;

/// <summary>Which requests are attempts of a call that flows.</summary>
public sealed class RpcCallTests
{
    private const string Path = "/test.Echo/Unary";

    [Theory]
    [InlineData(Path, "http://backend/test.Echo/Unary", true)]
    [InlineData(Path, "http://tokens/test.Echo/Unary", true)] // its frontend tells it from another, see RpcRouting
    [InlineData(Path, "http://backend/test.Echo/Other", false)]
    [InlineData(Path, "http://backend/test.Echo/unary", false)]
    [InlineData(Path, "http://backend/test.Echo/Unary?x", false)]
    [InlineData(Path, "http://backend/prefix/test.Echo/Unary", false)]
    [InlineData(null, "http://backend/test.Echo/Other", true)]
    public void An_attempt_is_a_request_of_the_method_that_is_called(string? path, string uri, bool isOne)
    {
        var call = new RpcCall { Path = path };
        using (call.Enter())
        {
            Assert.Same(isOne ? call : null, RpcCall.Of(Request(uri)));
        }

        Assert.Null(RpcCall.Of(Request(uri)));
    }

    [Fact]
    public void What_is_no_gRPC_is_none_nor_is_what_has_no_address()
    {
        using (new RpcCall { Path = Path }.Enter())
        {
            Assert.Null(RpcCall.Of(Request("http://backend/test.Echo/Unary", "application/json")));
            Assert.Null(RpcCall.Of(new HttpRequestMessage(HttpMethod.Post, "http://backend/test.Echo/Unary")));
            var nowhere = Request("http://backend/");
            nowhere.RequestUri = null;
            Assert.Null(RpcCall.Of(nowhere));
        }
    }

    [Fact]
    public async Task The_innermost_one_flows_into_what_it_starts_and_the_outer_one_is_back_after_it()
    {
        RpcCall outer = new() { Path = Path }, inner = new() { Path = Path };
        Task<RpcCall?> started;
        using (outer.Enter())
        {
            using (inner.Enter())
            {
                started = Task.Run(static async () =>
                {
                    await Task.Yield();
                    return RpcCall.Of(Path);
                });
            }

            Assert.Same(outer, RpcCall.Of(Path));
            Assert.Null(RpcCall.Of("/test.Echo/Other"));
        }

        Assert.Same(inner, await started);
        Assert.Null(RpcCall.Of(Path));
    }

    private static HttpRequestMessage Request(string uri, string type = "application/grpc") =>
        new(HttpMethod.Post, uri) { Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue(type) } } };
}
