using System.Collections.Immutable;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.CommandLine;

/// <summary>The command line or a file is wrong. Each problem is one line for standard error.</summary>
internal sealed class UsageException(ImmutableArray<string> problems) : Exception(string.Join('\n', problems))
{
    public UsageException(string problem) : this([OneLine.Of(problem)])
    {
    }

    public ImmutableArray<string> Problems { get; } = problems;
}
