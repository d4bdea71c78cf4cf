using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace MeshSdk.AspNetCore.Requests;

/// <summary>Puts the mesh before everything that the application does with requests.</summary>
internal sealed class MeshStartupFilter(MeshServer server) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(following => new InboundMiddleware(following, server).InvokeAsync);
        next(app);
    };
}
