using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Http.Rpc;
using MeshSdk.Routing;

namespace MeshSdk.Http;

/// <summary>
/// Answers that the mesh gives itself, where a sidecar would. The reason phrase says why, so that the exception of
/// <see cref="HttpResponseMessage.EnsureSuccessStatusCode"/> does too. A gRPC caller gets a trailers-only reply with the matching code.
/// </summary>
internal static class LocalReply
{
    public static HttpResponseMessage Create(HttpRequestMessage request, int status, string reason)
    {
        var response = Create((HttpStatusCode)status);
        (response.RequestMessage, response.ReasonPhrase) = (request, Printable(reason));
        if (GrpcCall.Is(request))
        {
            response.StatusCode = HttpStatusCode.OK;
            response.ReasonPhrase = null;
            response.Version = HttpVersion.Version20;
            response.Content.Headers.ContentType = new MediaTypeHeaderValue(GrpcCall.MediaType);
            RpcFailure.Write(response.Headers, GrpcCall.StatusFor(status), reason);
        }

        return response;
    }

    /// <summary>Whether a reply is one to a gRPC call.</summary>
    public static bool IsGrpc(HttpResponseMessage reply) => GrpcCall.Is(reply.Content);

    /// <summary>An answer that is no failure.</summary>
    public static HttpResponseMessage Create(HttpStatusCode status) => new Message(status);

    /// <summary>Whether the mesh has made a response, and no backend.</summary>
    public static bool IsOne(HttpResponseMessage response) => response is Message;

    // A reason phrase is one line of text; object names in it come from configuration.
    private static string Printable(string reason) =>
        string.Create(reason.Length, reason, static (span, text) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = text[i] is >= ' ' and <= '~' ? text[i] : '?';
            }
        });

    private sealed class Message(HttpStatusCode status) : HttpResponseMessage(status);
}
