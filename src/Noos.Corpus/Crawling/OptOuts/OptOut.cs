namespace Noos.Corpus.Crawling.OptOuts;

/// <summary>What a page or its site does not want to happen, in whichever of its languages it says so.</summary>
[Flags]
public enum OptOut
{
    None = 0,

    /// <summary><c>noindex</c>: it is not to be found in a search.</summary>
    NoIndex = 1,

    /// <summary><c>nofollow</c>: its links are not to be followed.</summary>
    NoFollow = 2,

    /// <summary><c>noarchive</c>, <c>nocache</c>: no copy is to be shown.</summary>
    NoArchive = 4,

    /// <summary><c>nosnippet</c>: no passage is to be shown.</summary>
    NoSnippet = 8,

    /// <summary><c>noai</c>: no use for machine learning.</summary>
    NoAi = 16,

    /// <summary><c>noimageai</c>: its pictures are not for machine learning.</summary>
    NoImageAi = 32,

    /// <summary>Text and data mining is reserved (TDM reservation protocol, the EU's directive 2019/790, article 4).</summary>
    Tdm = 64,

    /// <summary><c>ai-train=no</c> of a content signal, <c>train-ai=n</c> of content usage.</summary>
    NoTraining = 128,

    /// <summary><c>ai-input=no</c> of a content signal: not to be read into a model's context.</summary>
    NoAiInput = 256,

    /// <summary><c>search=no</c> of a content signal.</summary>
    NoSearch = 512,
}
