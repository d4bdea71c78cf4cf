using MeshSdk.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MeshSdk.Kubernetes.DependencyInjection;

/// <summary>
/// Takes the options from the part <c>Kubernetes</c> of the mesh's section, where the application has a configuration, and the caller's namespace from the
/// cluster where nobody has named one.
/// </summary>
internal sealed class MeshKubernetesConfiguration(IServiceProvider services) : IConfigureOptions<MeshKubernetesOptions>, IPostConfigureOptions<MeshOptions>
{
    private readonly IConfigurationSection? _section =
        (services.GetService<MeshConfigurationSection>()?.Section ?? services.GetService<IConfiguration>()?.GetSection("Mesh"))?.GetSection("Kubernetes");

    public void Configure(MeshKubernetesOptions options) => _section?.Bind(options);

    public void PostConfigure(string? name, MeshOptions options)
    {
        try
        {
            options.Namespace ??= KubernetesCaller.FindNamespace(services.GetRequiredService<IOptions<MeshKubernetesOptions>>().Value);
        }
        catch (OptionsValidationException)
        {
            // Told where it belongs, when these options themselves are asked for.
        }
    }
}
