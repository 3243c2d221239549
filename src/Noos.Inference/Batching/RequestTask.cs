namespace Noos.Inference.Batching;

/// <summary>One request and nothing after it.</summary>
sealed class RequestTask(BatchRequest request) : EngineTask
{
    bool _isDone;

    protected override BatchRequest? Next()
    {
        if (!_isDone)
        {
            _isDone = true;
            return request;
        }

        // The error stays with the request, whose owner has more to do than rethrow it.
        return null;
    }
}
