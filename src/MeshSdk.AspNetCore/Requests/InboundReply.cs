using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MeshSdk.AspNetCore.Requests;

/// <summary>
/// An answer that the mesh gives in the place of the application, as a sidecar gives it. A gRPC caller gets a reply that consists of headers alone,
/// with the code of gRPC's that means the same. Whatever the body of the request is, it is left to the server, which keeps the connection in order.
/// </summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="GrpcStatus">Of gRPC.</param>
/// <param name="Text">What is said of it to the caller: nothing that tells of policies.</param>
internal sealed record InboundReply(int Status, string GrpcStatus, string Text)
{
    private const string Grpc = "application/grpc";

    private readonly byte[] _body = System.Text.Encoding.ASCII.GetBytes(Text);

    /// <summary>Not allowed.</summary>
    public static InboundReply Denied { get; } = new(StatusCodes.Status403Forbidden, "7", "RBAC: access denied");

    /// <summary>It is not known yet whether it is allowed.</summary>
    public static InboundReply Unknown { get; } = new(StatusCodes.Status503ServiceUnavailable, "14", "mesh: not ready");

    /// <summary>Not to be had here.</summary>
    public static InboundReply NotFound { get; } = new(StatusCodes.Status404NotFound, "12", "");

    /// <summary>Answers.</summary>
    public Task WriteAsync(HttpContext context)
    {
        if (Mark(context, this) || Text.Length == 0)
        {
            return Task.CompletedTask;
        }

        var response = context.Response;
        response.ContentType = "text/plain";
        response.ContentLength = _body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(_body, context.RequestAborted).AsTask();
    }

    /// <summary>Sets the status, and leaves it to others whether anything is said to it.</summary>
    /// <returns>Whether that is all, since the caller speaks gRPC.</returns>
    public static bool Mark(HttpContext context, InboundReply reply)
    {
        var response = context.Response;
        if (!IsGrpc(context.Request))
        {
            response.StatusCode = reply.Status;
            return false;
        }

        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = Grpc;
        response.Headers["grpc-status"] = reply.GrpcStatus;
        response.Headers["grpc-message"] = reply.Text.Length > 0 ? reply.Text : StringValues.Empty;
        return true;
    }

    /// <summary>Whether the caller speaks gRPC: <c>application/grpc-web</c> is something else, whose callers understand statuses of HTTP.</summary>
    public static bool IsGrpc(HttpRequest request) =>
        request.ContentType is { } type
        && type.StartsWith(Grpc, StringComparison.OrdinalIgnoreCase)
        && (type.Length == Grpc.Length || type[Grpc.Length] is '+' or ';' or ' ');
}
