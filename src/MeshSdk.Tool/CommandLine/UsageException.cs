using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.CommandLine;

/// <summary>The command line or a file is wrong. The message is one line for standard error.</summary>
internal sealed class UsageException(string problem) : Exception(OneLine.Of(problem));
