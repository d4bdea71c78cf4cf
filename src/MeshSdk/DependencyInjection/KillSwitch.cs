using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace MeshSdk.DependencyInjection;

/// <summary>
/// Throws <see cref="Mesh.Enabled"/> when the configuration of the running process says so. Beside the options monitor and not through it: that one
/// throws before it tells anybody of a change where any other option is wrong, and the night on which the switch is needed may well be that one.
/// </summary>
internal sealed partial class KillSwitch(
    IEnumerable<IConfigureOptions<MeshOptions>> configures,
    IEnumerable<IPostConfigureOptions<MeshOptions>> postConfigures,
    IEnumerable<IOptionsChangeTokenSource<MeshOptions>> changes,
    ILogger<KillSwitch> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<IDisposable> _watches = [];
    private bool? _last;

    public void Attach(Mesh mesh)
    {
        foreach (var change in changes.Where(static c => c.Name is null || c.Name == Options.DefaultName))
        {
            _watches.Add(ChangeToken.OnChange(change.GetChangeToken, () => Follow(mesh)));
        }

        // It may have been thrown since the options were read.
        Follow(mesh);
    }

    public void Dispose()
    {
        foreach (var watch in _watches)
        {
            watch.Dispose();
        }
    }

    private void Follow(Mesh mesh)
    {
        lock (_gate)
        {
            // A reload that is about something else leaves what the application has set in code.
            if (Read() is { } enabled && enabled != _last)
            {
                _last = enabled;
                mesh.Enabled = enabled;
            }
        }
    }

    /// <summary>What all that configures the options comes to for this one, in their order; null where that cannot be told.</summary>
    private bool? Read()
    {
        var options = new MeshOptions();
        foreach (var configure in configures)
        {
            switch (configure)
            {
                case MeshConfiguration { Enabled: { } text } configuration:
                    if (!bool.TryParse(text, out var enabled))
                    {
                        LogUnreadable(logger, configuration.EnabledPath, text);
                        return null;
                    }

                    options.Enabled = enabled;
                    break;
                case MeshConfiguration:
                    break;
                case IConfigureNamedOptions<MeshOptions> named:
                    Try(() => named.Configure(Options.DefaultName, options));
                    break;
                default:
                    Try(() => configure.Configure(options));
                    break;
            }
        }

        foreach (var postConfigure in postConfigures)
        {
            Try(() => postConfigure.PostConfigure(Options.DefaultName, options));
        }

        return options.Enabled;
    }

    // What the application's own code stumbles over is another option; it is told of that when the options themselves are read.
    private static void Try(Action configure)
    {
        try
        {
            configure();
        }
        catch (Exception)
        {
            // Whatever it had set of the switch before counts.
        }
    }

    [LoggerMessage(
        1, LogLevel.Error, "{Path} is '{Value}', which is neither true nor false; the mesh stays as it is.", EventName = "SwitchUnreadable")]
    private static partial void LogUnreadable(ILogger logger, string path, string value);
}
