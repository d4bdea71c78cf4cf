using Microsoft.AspNetCore.Http;

namespace MeshSdk.Conformance.Echo;

/// <summary>The echo services over plain HTTP/2: the suite's own, which prints, and the one of its gRPC routes, which has three methods.</summary>
internal static class GrpcEcho
{
    public const string Service = "gateway_api_conformance.echo_basic.grpcecho.GrpcEcho";

    private const string Ok = "0";
    private const string Unimplemented = "12";

    public static async Task AnswerAsync(HttpContext context, EchoRequest request)
    {
        var response = context.Response;
        response.ContentType = "application/grpc";
        if (request.Target.Split('?')[0] is not (EchoMessage.Path or $"/{Service}/Echo" or $"/{Service}/EchoTwo" or $"/{Service}/EchoThree"))
        {
            response.Headers["grpc-status"] = Unimplemented;
            return;
        }

        await response.Body.WriteAsync(EchoMessage.Frame(request.ToText(StatusCodes.Status200OK)), context.RequestAborted);
        response.AppendTrailer("grpc-status", Ok);
    }
}
