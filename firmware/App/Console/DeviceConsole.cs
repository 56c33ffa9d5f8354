using System;

namespace TinyInference.Device;

/// <summary>
/// The device's side of the MLPerf Tiny serial protocol, with verbs of our own beside it: docs/console.md. Commands end with '%', every
/// reply ends with "m-ready". Everything it needs from the platform comes from outside.
/// </summary>
public sealed class DeviceConsole
{
    private const string Ready = "m-ready";
    private const string Profile = "ULPMark for tinyML Firmware V0.0.1";
    private const int WarmupsUnlessStated = 10;

    private static readonly string[] s_help =
    {
        Profile,
        "",
        "help           : Print this information",
        "name           : Print the name of the device",
        "profile        : Print the firmware and the model",
        "timestamp      : Print a timestamp in microseconds",
        "db load N      : Expect N bytes of a sample",
        "db HH[HH]*     : Load bytes as hex digits until N bytes",
        "db print       : Print the bytes as hex",
        "infer N [W=10] : Execute N inferences after W warmup loops",
        "results        : Print the results of the last inference",
        "start          : Listen for the wake word",
        "stop           : Stop listening",
        "print_detections : Print when the wake word was heard",
        "say SENTENCE   : Print what the sentence wants",
        "layers         : Execute once and print the time of each operator",
        "model          : Print sizes, checksum and tensors of the model",
        "heap           : Print free memory",
        "swap load N CRC : Expect N bytes of a new model",
        "swap HH[HH]*   : Load bytes of it; the last ones make it the model",
    };

    private readonly IByteChannel _channel;
    private readonly IClock _clock;
    private readonly IHeap _heap;
    private readonly IModelStore _store;
    private readonly IDetector _detector;
    private readonly string _name;
    private readonly ReplyWriter _reply;
    private readonly HostCommand _command = new();
    private readonly LoadBuffer _buffer = new();
    private readonly Swap _swap;
    private ModelRunner _runner;

    /// <param name="channel">The line to the host.</param>
    /// <param name="clock">For time stamps and times of operators.</param>
    /// <param name="heap">For "heap".</param>
    /// <param name="store">Where the model comes from.</param>
    /// <param name="detector">The wake word; null where there is none.</param>
    /// <param name="name">What the device calls itself.</param>
    /// <exception cref="BlobException">The store has no valid model.</exception>
    public DeviceConsole(IByteChannel channel, IClock clock, IHeap heap, IModelStore store, IDetector detector, string name)
    {
        _channel = channel;
        _clock = clock;
        _heap = heap;
        _store = store;
        _detector = detector;
        _name = name;
        _reply = new ReplyWriter(channel);
        _swap = new Swap(store);
        _runner = new ModelRunner(store.Load());
    }

    /// <summary>The model that is served at present.</summary>
    public Model Model => _runner.Model;

    /// <summary>Tells the host that the device is up, then serves it until the line is closed.</summary>
    public void Run()
    {
        Boot();
        var received = new byte[64];
        int count = _channel.Read(received, 0, received.Length);
        while (count > 0)
        {
            Receive(received, 0, count);
            count = _channel.Read(received, 0, received.Length);
        }
    }

    /// <summary>Tells the host that the device is up.</summary>
    public void Boot()
    {
        _reply.Line("m-init-done");
        _reply.Line(Ready);
        _reply.Flush();
    }

    /// <summary>Takes bytes from the line as they come, and answers each command that they complete.</summary>
    public void Receive(byte[] bytes, int offset, int count)
    {
        for (int i = offset; i < offset + count; i++)
        {
            if (_command.Add(bytes[i]))
            {
                Execute();
                _command.Clear();
                _reply.Line(Ready);
                _reply.Flush();
            }
        }
    }

    private void Execute()
    {
        if (_command.IsTooLong)
        {
            _reply.Text("e-[Command longer than ").Number(HostCommand.MostCharacters).Line(" characters]");
            return;
        }

        string verb = _command.NextWord();
        switch (verb)
        {
            case "name":
                _reply.Text("m-name-dut-[").Text(_name).Line("]");
                break;
            case "profile":
                _reply.Text("m-profile-[").Text(Profile).Line("]");
                _reply.Text("m-model-[").Text(ModelReport.NameOf(_runner.Model)).Line("]");
                break;
            case "timestamp":
                Lap();
                break;
            case "db":
                _buffer.Run(_command, _runner.Sample.MostBytes, _reply);
                break;
            case "infer":
                Infer();
                break;
            case "results":
                _runner.WriteResults(_reply);
                break;
            case "help":
                Help();
                break;
            case "start":
            case "stop":
            case "print_detections":
                Detect(verb);
                break;
            case "say":
                Say();
                break;
            case "layers":
                Layers();
                break;
            case "model":
                ModelReport.Write(_runner, _reply);
                break;
            case "heap":
                _reply.Text("m-heap-free-").Number(_heap.FreeBytes).Line();
                _reply.Text("m-heap-largest-").Number(_heap.LargestBlock).Line();
                break;
            case "swap":
                if (_swap.Run(_command, _reply))
                {
                    Switch();
                }

                break;
            default:
                _reply.Text("e-[Unknown command: ").Text(verb is null ? "" : verb).Line("]");
                break;
        }
    }

    private void Lap() => _reply.Text("m-lap-us-").Number(_clock.Microseconds).Line();

    private void Help()
    {
        for (int i = 0; i < s_help.Length; i++)
        {
            _reply.Line(s_help[i]);
        }
    }

    private void Infer()
    {
        string countWord = _command.NextWord();
        string warmupWord = _command.NextWord();
        if (countWord is null)
        {
            _reply.Line("e-[Command 'infer' requires the # of inferences]");
            return;
        }

        int count = Numbers.Leading(countWord);
        int warmups = warmupWord is null ? WarmupsUnlessStated : Numbers.Leading(warmupWord);
        if (count <= 0)
        {
            _reply.Line("e-[Inference iterations must be >0]");
        }
        else if (warmups < 0)
        {
            _reply.Line("e-[Inference warmup must be >=0]");
        }
        else if (TakeSample())
        {
            _reply.Text("m-warmup-start-").Number(warmups).Line();
            Repeat(warmups);
            _reply.Line("m-warmup-done");
            _reply.Text("m-infer-start-").Number(count).Line();
            Lap();
            Repeat(count);
            Lap();
            _reply.Line("m-infer-done");
            _runner.WriteResults(_reply);
        }
    }

    private void Repeat(int count)
    {
        // The host may watch the lines for time stamps of its own.
        _reply.Flush();
        for (int i = 0; i < count; i++)
        {
            _runner.Run();
        }
    }

    /// <summary>Hands what was loaded to the model, which without any runs on zeros.</summary>
    private bool TakeSample()
    {
        if (_buffer.Bytes.Length == 0)
        {
            return true;
        }

        if (!_buffer.IsComplete || !_runner.Sample.Fits(_buffer.Loaded))
        {
            _reply.Text("e-[Input has ").Number(_buffer.Loaded).Text(" bytes, expected ").Number(_runner.Sample.ExpectedBytes).Line("]");
            return false;
        }

        _runner.Sample.Set(_buffer.Bytes);
        return true;
    }

    private void Detect(string verb)
    {
        if (_detector is null)
        {
            _reply.Line("e-[This firmware has no streaming wake word]");
            return;
        }

        if (verb == "start")
        {
            _detector.Start();
        }
        else if (verb == "stop")
        {
            _detector.Stop();
            _reply.Line("m-streaming-stopped");
        }
        else
        {
            for (int i = 0; i < _detector.Count; i++)
            {
                _reply.Text("m-detection-us-").Number(_detector.Microseconds(i)).Line();
            }
        }
    }

    private void Say()
    {
        if (_runner.Commands is not null)
        {
            SentenceReport.Write(_runner.Commands, _command, _reply);
        }
        else
        {
            _reply.Line("e-[This model understands no commands]");
        }
    }

    private void Layers()
    {
        if (!TakeSample())
        {
            return;
        }

        long[] times = _runner.Measure(_clock).Microseconds;
        for (int i = 0; i < times.Length; i++)
        {
            _reply.Text("m-layer-").Number(i).Text("-").Number((int)_runner.Model.Operators[i].Kind).Text("-us-").Number(times[i]).Line();
        }
    }

    /// <summary>The old model is let go before the new one is loaded: both may not fit. If the new one fails, the old one is loaded again.</summary>
    private void Switch()
    {
        uint before = _runner.Model.Checksum;
        _runner = null;
        string fault = null;
        try
        {
            _runner = new ModelRunner(_store.LoadReceived());
            _runner.Run();
            _store.Keep();
        }
        catch (BlobException e)
        {
            fault = e.Message;
        }
        catch (OutOfMemoryException)
        {
            fault = "no memory";
        }
        catch (Exception)
        {
            fault = "the new model cannot be used";
        }

        if (fault is null)
        {
            _reply.Text("m-swap-done-[").Hex32(_runner.Model.Checksum).Line("]");
            return;
        }

        _runner = null;
        _store.Discard();
        _runner = new ModelRunner(_store.Load());
        _reply.Text("e-[").Text(fault).Text("; back to ").Hex32(before).Line("]");
    }
}
