using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace MeshSdk.DependencyInjection;

/// <summary>Takes the options from configuration where the application has one. A bare service provider has none, and that is no error.</summary>
internal sealed class MeshConfiguration(IServiceProvider services) : IConfigureOptions<MeshOptions>, IOptionsChangeTokenSource<MeshOptions>
{
    private readonly IConfigurationSection? _section =
        services.GetService<MeshConfigurationSection>()?.Section ?? services.GetService<IConfiguration>()?.GetSection("Mesh");

    public string? Name => Options.DefaultName;

    /// <summary>The kill switch as it is written at this moment; null where it is not.</summary>
    public string? Enabled => _section?[nameof(MeshOptions.Enabled)] is { Length: > 0 } text ? text : null;

    public string EnabledPath => $"{_section?.Path}:{nameof(MeshOptions.Enabled)}";

    public void Configure(MeshOptions options)
    {
        if (_section is not null)
        {
            // The binder makes an object of whatever it can make one of; a source that nobody fills would be a mesh without services.
            var memory = options.InMemory;
            _section.Bind(options);
            options.InMemory = memory;
        }
    }

    public IChangeToken GetChangeToken() => _section?.GetReloadToken() ?? new CancellationChangeToken(CancellationToken.None);
}

/// <summary>The section that the application names in place of the usual one.</summary>
internal sealed record MeshConfigurationSection(IConfigurationSection Section);
