namespace MeshSdk.Transport;

/// <summary>Hears how each request to one endpoint ended, once for each that was sent. Called on the path of requests, by many threads at once.</summary>
internal interface IOutcomeSink
{
    void Record(AttemptOutcome outcome);

    /// <summary>Whether a response with that status counts against the endpoint. One that does is told of at its headers, any other at its end.</summary>
    bool IsError(int status);
}
