using MeshSdk.AspNetCore.Telemetry;
using Microsoft.AspNetCore.Builder;

namespace MeshSdk.AspNetCore.Requests;

/// <summary>Makes the middleware, once for each application.</summary>
internal sealed class InboundMiddlewareFactory(MeshServer server, InboundRequests requests, RequestRefusalLog log)
{
    private const string Mark = "MeshSdk.InboundMiddleware";

    public IApplicationBuilder AddTo(IApplicationBuilder app)
    {
        if (app.Properties.TryAdd(Mark, true))
        {
            app.Use(next => new InboundMiddleware(next, server, requests, log).InvokeAsync);
        }

        return app;
    }
}
