using System.Net.Sockets;
using MeshSdk.Http;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Http;

public sealed class FailureKindTests
{
    private static readonly IOException Lost = new("transport", new SocketException((int)SocketError.ConnectionReset));

    public static TheoryData<Exception, string?> BodyFailures => new()
    {
        { Lost, "UC" },
        { new ConnectionClosedException(Lost), "UC" },
        { new HttpIOException(HttpRequestError.ResponseEnded), "UC" },
        { new HttpIOException(HttpRequestError.InvalidResponse), "UPE" },
        { new HttpRequestException(HttpRequestError.InvalidResponse, "no HTTP/2", new HttpIOException(HttpRequestError.ResponseEnded)), "UC" },
        { new IOException("aborted", new HttpProtocolException(8, "cancelled", null)), "UC" },
        { new HttpProtocolException(1, "protocol", null), "UPE" },
        { new HttpRequestException("copy", Lost), "UC" },
        { new HttpRequestException("copy", new IOException("full")), null },
        { new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded), null },
        { new IOException("full"), null },
        { new InvalidOperationException(), null },
        { new TaskCanceledException("late", new TimeoutException()), null },
        { new OperationCanceledException("gave up", Lost), null },
    };

    [Fact]
    public void A_failure_that_the_HTTP_stack_only_describes_is_the_connections_where_there_is_no_body_to_blame()
    {
        var error = new HttpRequestException("the server did not complete the handshake");
        Assert.Equal("UF", FailureKind.Of(error, hasBody: false, CancellationToken.None));
        Assert.Null(FailureKind.Of(error, hasBody: true, CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(BodyFailures))]
    public void Only_what_the_connection_did_is_the_endpoints(Exception error, string? flags) => Assert.Equal(flags, FailureKind.OfBody(error));

    [Theory]
    [InlineData(0x1, "UPE")] // PROTOCOL_ERROR
    [InlineData(0x2, "UC")] // INTERNAL_ERROR
    [InlineData(0x3, "UPE")] // FLOW_CONTROL_ERROR
    [InlineData(0x6, "UPE")] // FRAME_SIZE_ERROR
    [InlineData(0x7, "UC")] // REFUSED_STREAM
    [InlineData(0x8, "UC")] // CANCEL
    [InlineData(0x9, "UPE")] // COMPRESSION_ERROR
    [InlineData(0xb, "UC")] // ENHANCE_YOUR_CALM
    public void A_code_of_HTTP2_tells_a_violation_from_a_peer_that_gives_up(long code, string flags)
    {
        var error = new HttpRequestException(HttpRequestError.HttpProtocolError, "failed", new HttpProtocolException(code, "code", null));

        Assert.Equal(flags, FailureKind.Of(error, hasBody: true, CancellationToken.None));
    }

    [Theory]
    [InlineData("UPE", 502)]
    [InlineData("UC", 503)]
    [InlineData("UF", 503)]
    public void A_violation_is_answered_as_a_bad_gateway(string flags, int status) => Assert.Equal(status, FailureKind.StatusFor(flags));
}
