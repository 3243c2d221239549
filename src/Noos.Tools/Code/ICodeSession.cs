namespace Noos.Tools.Code;

/// <summary>
/// An interpreter that keeps its variables from cell to cell. For one caller at a time; may be disposed while a cell runs.
/// </summary>
interface ICodeSession : IAsyncDisposable
{
    /// <summary>Cells can still be run.</summary>
    bool IsAlive { get; }

    /// <summary>Runs a cell. Never throws for what the code does.</summary>
    /// <param name="code">The code.</param>
    /// <param name="report">Told of output as it comes; may be null.</param>
    /// <param name="time">How long it may run.</param>
    /// <param name="cancellationToken">
    /// Stops the cell; the session lives on if the cell gives way within a second, and is ended if it does not.
    /// </param>
    Task<CellResult> RunAsync(string code, Action<string>? report, TimeSpan time, CancellationToken cancellationToken);
}
