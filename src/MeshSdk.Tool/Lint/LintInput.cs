using System.Collections.Immutable;
using MeshSdk.Resources;
using MeshSdk.Sources;
using MeshSdk.Sources.Files;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Configuration;

namespace MeshSdk.Tool.Lint;

/// <summary>Everything that the files hold: as written, and as the library reads it.</summary>
internal sealed class LintInput
{
    private readonly List<string> _files = [];
    private readonly List<LintObject> _objects = [];
    private readonly List<Resource> _resources = [];
    private readonly List<MeshDiagnostic> _problems = [];
    private readonly List<MeshDiagnostic> _syntaxFaults = [];

    private LintInput()
    {
    }

    /// <summary>In the order in which they were named, those of a directory by name.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>In the order of the files.</summary>
    public IReadOnlyList<LintObject> Objects => _objects;

    /// <summary>Those that the library can read; of two with one name it takes the last.</summary>
    public IReadOnlyList<Resource> Resources => _resources;

    /// <summary>What the library's reader cannot read, syntax errors apart.</summary>
    public IReadOnlyList<MeshDiagnostic> Problems => _problems;

    public IReadOnlyList<MeshDiagnostic> SyntaxFaults => _syntaxFaults;

    /// <exception cref="UsageException">A path is not there or cannot be read.</exception>
    public static async Task<LintInput> ReadAsync(ImmutableArray<string> paths, TextReader standardInput, CancellationToken cancellationToken)
    {
        var input = new LintInput();
        foreach (var path in paths)
        {
            if (path == ManifestPaths.StandardInput)
            {
                input.Add(await standardInput.ReadToEndAsync(cancellationToken), "<stdin>");
            }
            else if (ManifestPaths.IsStream(path))
            {
                await input.AddFileAsync(path, path, cancellationToken);
            }
            else
            {
                foreach (var file in Listing(path))
                {
                    await input.AddFileAsync(file.Path, file.Name, cancellationToken);
                }
            }
        }

        return input;
    }

    private static ImmutableArray<ListedFile> Listing(string path)
    {
        try
        {
            var listing = new ManifestPaths([path]).List();
            return listing.Faults is [var fault, ..] ? throw new UsageException($"{fault.Name}: {fault.Message}") : listing.Files;
        }
        catch (ManifestException e)
        {
            throw ManifestProblem.Refuse(e);
        }
    }

    private async Task AddFileAsync(string path, string name, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
            if (ManifestText.TryDecode(bytes, out var text, out var line))
            {
                Add(text, name);
            }
            else
            {
                _syntaxFaults.Add(ManifestText.Fault(name, line));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{name}: the file cannot be read: {e.Message}");
        }
    }

    private void Add(string text, string name)
    {
        _files.Add(name);
        var content = ManifestReader.Read(text, name, source =>
        {
            if (LintObject.Of(source) is { } found)
            {
                _objects.Add(found);
            }
        });
        _resources.AddRange(content.Resources);
        _syntaxFaults.AddRange(content.SyntaxFaults);

        // Kinds that the mesh does not read are judged by their schemas, or are no matter of this command.
        _problems.AddRange(content.Problems.Except(content.SyntaxFaults).Where(static problem => problem.Code != ManifestCodes.UnknownKind));
    }
}
