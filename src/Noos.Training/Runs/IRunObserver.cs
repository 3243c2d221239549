namespace Noos.Training.Runs;

/// <summary>Hears what happens in a run: the terminal, the metrics log and the report.</summary>
public interface IRunObserver
{
    void Trained(StepMetrics metrics);

    void Evaluated(Evaluation evaluation);

    void Saved(long step);

    /// <summary>The run goes on from this step: what was recorded after it did not happen.</summary>
    void Resumed(long step);

    void Event(RunEvent @event);
}
