using MeshSdk.Sources.Manifests;

namespace MeshSdk.Sources;

internal sealed record ManifestSourceOptions
{
    /// <summary>False: the files are read once.</summary>
    public bool Watch { get; init; } = true;

    /// <summary>False: changes are found by looking alone, as on file systems that report none.</summary>
    public bool UseSystemNotices { get; init; } = true;

    /// <summary>How long the files must have been left alone before they are read: what an editor does in one save is one change.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often the files are looked at when nothing was reported. Stretched where a look takes long.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a file must have been empty before the objects that it held are gone. Longer than a shell's <c>command &gt; file</c> takes to write.</summary>
    public TimeSpan EmptyFileDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What the path <c>-</c> stands for; null: the standard input of the process.</summary>
    public TextReader? StandardInput { get; init; }

    /// <summary>Told of every object as it was written, of whatever kind, whenever a file is read; null: nobody asks.</summary>
    public Action<ManifestObject>? Seen { get; init; }
}
