using System.Net.Http.Headers;
using MeshSdk.Routing;

namespace MeshSdk.Tests.Routing;

/// <summary>How a gRPC call is known.</summary>
public sealed class GrpcCallTests
{
    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("Application/gRPC", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("application/grpc;charset=utf-8", true)]
    [InlineData("application/grpc ; charset=utf-8", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/grpc-web+proto", false)]
    [InlineData("application/grpc-web-text", false)]
    [InlineData("application/grpcs", false)]
    [InlineData("application/grp", false)]
    [InlineData("application/json", false)]
    public void It_is_known_by_its_media_type(string mediaType, bool isGrpc)
    {
        using var content = new ByteArrayContent([]);
        content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        Assert.Equal(isGrpc, GrpcCall.Is(content));
    }

    [Fact]
    public void Nothing_is_none() => Assert.False(GrpcCall.Is((HttpContent?)null));

    [Theory]
    [InlineData(null, "0", false)]
    [InlineData(null, "14", true)]
    [InlineData(null, null, true)]
    [InlineData("14", null, false)] // known from the headers on
    [InlineData("0", null, false)]
    public void What_trailers_do_not_call_OK_has_ended_badly(string? inHeaders, string? inTrailers, bool isBad)
    {
        using var response = new HttpResponseMessage();
        Add(response.Headers, inHeaders);
        Add(response.TrailingHeaders, inTrailers);
        Assert.Equal(isBad, GrpcCall.HasEndedBadly(response));

        static void Add(HttpResponseHeaders headers, string? status)
        {
            if (status is not null)
            {
                headers.Add("grpc-status", status);
            }
        }
    }
}
