using Noos.Inference.Batching;

namespace Noos.Inference.Generation;

/// <summary>A generation driven by the engine.</summary>
/// <param name="steps">Enumerated once.</param>
/// <param name="onToken">False ends the generation.</param>
sealed class GenerationTask(IEnumerable<GenerationStep> steps, Func<int, bool> onToken) : EngineTask
{
    readonly IEnumerator<GenerationStep> _steps = steps.GetEnumerator();

    protected override BatchRequest? Next()
    {
        while (_steps.MoveNext())
        {
            if (_steps.Current.Request is { } request)
            {
                return request;
            }

            if (!onToken(_steps.Current.Token))
            {
                break;
            }
        }

        return null;
    }

    protected override void End() => _steps.Dispose();
}
