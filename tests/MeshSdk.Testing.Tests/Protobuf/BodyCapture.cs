using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Testing.Tests.Protobuf;

/// <summary>A server that keeps the first body that it is sent, and cares for nothing else.</summary>
internal sealed class BodyCapture : IAsyncDisposable
{
    private readonly WebApplication _server;

    private BodyCapture(WebApplication server) => _server = server;

    public string Url => _server.Urls.Single();

    public byte[]? Body { get; private set; }

    public bool IsProtobuf { get; private set; }

    public static async Task<BodyCapture> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var capture = new BodyCapture(builder.Build());
        capture._server.Run(capture.Answer);
        await capture._server.StartAsync();
        return capture;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task Answer(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        if (HttpMethods.IsPost(context.Request.Method) && Body is null)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            IsProtobuf = context.Request.ContentType == "application/vnd.kubernetes.protobuf";
            Body = body.ToArray();
            context.Response.StatusCode = 403;
            await context.Response.WriteAsync("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"seen"}""");
            return;
        }

        if (context.Request.Path == "/version")
        {
            // Some kubectl commands are dispatchers, which run the kubectl of the server's version.
            await context.Response.WriteAsync("""{"major":"1","minor":"33","gitVersion":"v1.33.0"}""");
            return;
        }

        context.Response.StatusCode = 404;
        await context.Response.WriteAsync("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,"message":"nothing here"}""");
    }
}
