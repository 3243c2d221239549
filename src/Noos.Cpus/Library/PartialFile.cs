namespace Noos.Cpus.Library;

/// <summary>How the files of a download that is not complete are named.</summary>
static class PartialFile
{
    /// <summary>After the name of the model: the bytes that are here.</summary>
    public const string Ending = ".part";

    /// <summary>After the name of the model: what those bytes belong to.</summary>
    public const string StateEnding = ".part.json";
}
