namespace Noos.Training.Runs;

/// <summary>Several observers as one, told in their order.</summary>
sealed class RunObservers(params IReadOnlyList<IRunObserver> observers) : IRunObserver
{
    public void Trained(StepMetrics metrics)
    {
        foreach (var observer in observers)
        {
            observer.Trained(metrics);
        }
    }

    public void Evaluated(Evaluation evaluation)
    {
        foreach (var observer in observers)
        {
            observer.Evaluated(evaluation);
        }
    }

    public void Saved(long step)
    {
        foreach (var observer in observers)
        {
            observer.Saved(step);
        }
    }

    public void Resumed(long step)
    {
        foreach (var observer in observers)
        {
            observer.Resumed(step);
        }
    }

    public void Event(RunEvent @event)
    {
        foreach (var observer in observers)
        {
            observer.Event(@event);
        }
    }
}
