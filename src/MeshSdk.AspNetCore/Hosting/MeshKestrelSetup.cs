using MeshSdk.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace MeshSdk.AspNetCore.Hosting;

/// <summary>Leads the connections of every endpoint of Kestrel through the mesh.</summary>
internal sealed class MeshKestrelSetup(MeshServer server) : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions options)
    {
        // Sidecars send ":scheme http" inside of mutual TLS.
        options.AllowAlternateSchemes = true;
        options.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => new InboundPipeline(server, endpoint, next).OnConnectionAsync));
    }
}
