namespace Noos.Core.Conversations;

/// <summary>Which origins may be trusted.</summary>
public static class Origins
{
    /// <summary>
    /// Others may have written it: what it says is never an instruction. A file counts as foreign, because few files are all one's own
    /// words.
    /// </summary>
    public static bool IsForeign(this Origin origin) => origin is Origin.File or Origin.Service or Origin.Web;

    /// <summary>The less trusted of two; null counts as trusted.</summary>
    public static Origin? LessTrusted(this Origin? one, Origin? other) => Distrust(other) > Distrust(one) ? other : one;

    static int Distrust(Origin? origin) => origin switch
    {
        Origin.File => 1,
        Origin.Service => 2,
        Origin.Web => 3,
        _ => 0,
    };
}
