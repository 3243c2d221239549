namespace Noos.Training.Distributed;

/// <summary>Starts and ends worker processes on this machine. Called by one thread at a time.</summary>
public interface IWorkerLauncher : IDisposable
{
    /// <summary>Starts a worker that joins the training at an address.</summary>
    /// <param name="address">Host and port.</param>
    /// <param name="keyFile">File of the secret.</param>
    /// <returns>Id of its process.</returns>
    int Start(string address, string keyFile);

    /// <summary>Ends one for good, also one that stands still; no error if it is gone.</summary>
    void Kill(int processId);

    /// <summary>Whether a process that it started is there.</summary>
    bool IsRunning(int processId);
}
