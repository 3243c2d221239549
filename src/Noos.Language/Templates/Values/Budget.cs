using System.Runtime.CompilerServices;

namespace Noos.Language.Templates.Values;

/// <summary>
/// How much work a rendering may still do. Templates come with models from anywhere: whatever they ask for, they get a bounded time and,
/// since all that is made is paid for, a bounded memory.
/// </summary>
sealed class Budget(long steps)
{
    const int CharactersPerStep = 8;

    long _left = steps;

    public void Spend(long amount = 1)
    {
        _left -= Math.Max(amount, 0);
        if (_left < 0)
        {
            throw new TemplateFault("the template asks for more work than a conversation can need");
        }
    }

    /// <summary>Pays for reading or writing characters.</summary>
    public void SpendText(long characters) => Spend(1 + (characters / CharactersPerStep));

    /// <summary>Refuses to go deeper where the stack would overflow.</summary>
    public static void EnsureStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new TemplateFault("it is nested too deeply");
        }
    }
}
