using MeshSdk.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MeshSdk.AspNetCore.Hosting;

/// <summary>
/// Takes the options from configuration: from <c>Mesh:Server</c>, or from what is <c>Server</c> in the section that the application has named for
/// the mesh.
/// </summary>
internal sealed class MeshServerConfiguration(IServiceProvider services) : IConfigureOptions<MeshServerOptions>
{
    public void Configure(MeshServerOptions options)
    {
        var section = services.GetService<MeshConfigurationSection>()?.Section ?? services.GetService<IConfiguration>()?.GetSection("Mesh");
        section?.GetSection("Server").Bind(options);
    }
}
