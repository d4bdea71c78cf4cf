using System.Runtime.CompilerServices;
using MeshSdk.Model;
using Polly;
using Polly.Retry;

namespace MeshSdk.Resilience;

/// <summary>
/// The retries of each rule as a pipeline of Polly's, compiled when the rule's first request comes and kept as long as the rule is. What is run in it
/// says by its result whether it has to be run again, so that the same pipeline serves whatever a try may be.
/// </summary>
internal sealed class RetryPipelines(TimeProvider time, Random random)
{
    private readonly ConditionalWeakTable<RouteRetry, ResiliencePipeline<RetryCue>> _pipelines = [];

    /// <summary>The pipeline for a stanza that allows at least one retry.</summary>
    public ResiliencePipeline<RetryCue> For(RouteRetry retry) =>
        _pipelines.TryGetValue(retry, out var pipeline) ? pipeline : _pipelines.GetValue(retry, Compile);

    private ResiliencePipeline<RetryCue> Compile(RouteRetry retry) => new ResiliencePipelineBuilder<RetryCue> { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions<RetryCue>
        {
            MaxRetryAttempts = retry.Attempts,
            ShouldHandle = static arguments => new(arguments.Outcome is { Exception: null, Result.IsRetry: true }),
            DelayGenerator = arguments => new(arguments.Outcome.Result.Wait ?? RetryBackoff.Wait(retry, arguments.Outcome.Result.Step, random.NextDouble())),
        })
        .Build();
}
