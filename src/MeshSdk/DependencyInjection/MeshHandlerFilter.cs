using MeshSdk.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace MeshSdk.DependencyInjection;

/// <summary>
/// Puts the mesh in the place of the primary handler after everybody else has had their say, so that the order of registration does not matter: a
/// handler that was configured later would silently drop one that had been set as primary. What was built becomes this client's way to other hosts.
/// </summary>
internal sealed class MeshHandlerFilter(IServiceProvider services, IOptionsMonitor<MeshClientOptions> clients) : IHttpMessageHandlerBuilderFilter
{
    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        var name = builder.Name ?? "";
        var options = clients.Get(name);
        if (options.Enabled && builder.PrimaryHandler is not MeshHandler)
        {
            // Resolved late: the mesh may itself be made while a client is.
            builder.PrimaryHandler = services.GetRequiredService<Mesh>().CreateHandler(options, builder.PrimaryHandler, name);
        }
    };
}
