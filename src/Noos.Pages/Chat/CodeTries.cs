using Noos.Kernel.Journaling;
using Noos.Pages.Text;

namespace Noos.Pages.Chat;

/// <summary>What became of the code of an answer that a person ran: of each piece of code the last time. Not thread-safe.</summary>
public sealed class CodeTries
{
    readonly Dictionary<(string Tool, string Code), PersonCalled> _last = [];

    /// <summary>Grows with every one.</summary>
    public int Version { get; private set; }

    public IEnumerable<PersonCalled> All => _last.Values;

    public void Add(PersonCalled tried)
    {
        ArgumentNullException.ThrowIfNull(tried);
        if (CodeCell.From(tried.Call) is { } cell)
        {
            _last[(cell.Tool, cell.Code)] = tried;
            Version++;
        }
    }

    /// <summary>The last time that a piece of code was run; null where it never was.</summary>
    public PersonCalled? Find(CodeCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return _last.GetValueOrDefault((cell.Tool, cell.Code));
    }
}
