using Microsoft.Extensions.Options;

namespace MeshSdk.Grpc;

/// <summary>Finds wrong options when an application starts or makes a client, and names them.</summary>
internal sealed class MeshGrpcOptionsValidator : IValidateOptions<MeshGrpcOptions>
{
    // Longer than any call, and short enough that no clock overflows.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1000);

    /// <summary>What is wrong with options that do not belong to a client of the factory.</summary>
    public static string? ProblemOf(MeshGrpcOptions options) =>
        ProblemOf(nameof(MeshGrpcOptions.Deadline), options.Deadline) ?? ProblemOf(nameof(MeshGrpcOptions.StreamDeadline), options.StreamDeadline);

    public ValidateOptionsResult Validate(string? name, MeshGrpcOptions options) =>
        ProblemOf(options) is { } problem
            ? ValidateOptionsResult.Fail(string.IsNullOrEmpty(name) ? $"MeshGrpcOptions: {problem}" : $"MeshGrpcOptions of the gRPC client '{name}': {problem}")
            : ValidateOptionsResult.Success;

    private static string? ProblemOf(string option, TimeSpan? deadline) =>
        deadline <= TimeSpan.Zero ? $"{option} is {deadline}, which no call can meet; a positive time bounds calls, and null does not."
        : deadline > Longest ? $"{option} is {deadline}, which is more than 1000 days; leave it null for none."
        : null;
}
