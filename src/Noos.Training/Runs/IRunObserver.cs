namespace Noos.Training.Runs;

/// <summary>
/// Hears what happens in a run, such as <see cref="RunRecorder"/>. Called on the thread that trains, between two updates: what takes long
/// here slows the run down.
/// </summary>
public interface IRunObserver
{
    /// <summary>An update was made, or skipped as an outlier.</summary>
    void Trained(StepMetrics metrics);

    void Evaluated(Evaluation evaluation);

    /// <summary>A checkpoint of this step is safe on the disk.</summary>
    void Saved(long step);

    /// <summary>The run goes on from this step: what was recorded after it did not happen.</summary>
    void Resumed(long step);

    /// <summary>A roll-back or a warning.</summary>
    void Event(RunEvent @event);
}
