namespace MeshSdk.Transport;

/// <summary>Hears how each request to one endpoint ended. Called on the path of requests, by many threads at once.</summary>
internal interface IOutcomeSink
{
    void Record(AttemptOutcome outcome);
}
