# frozen_string_literal: true

# Interrupts the first use of a class: the exception arrives as itself, and not as a `fatal`, which nobody can rescue.
RSpec.describe CrmSync::Native do
  it "knows all classes when it is loaded" do
    # In the look-up of a constant, were there one, the child would be interrupted.
    result = native(<<~RUBY)
      native, simulators = CrmSync::Native, CrmSync::Testing::Native
      interrupt = TracePoint.new(:c_call) { |call| raise Interrupt if call.method_id == :const_get }
      uses = {
        "AddressIndex" => -> { native::AddressIndex.new },
        "Comparison" => -> { native::Comparison.new(["any"]) },
        "SalesforceSimulator" => -> { simulators::SalesforceSimulator.start("{}") },
        "ZendeskSimulator" => -> { simulators::ZendeskSimulator.start("{}") }
      }
      uses.each_value { |use| interrupt.enable { use.call } }
      puts "no constant was looked up"
    RUBY
    expect(result.stdout).to eq("no constant was looked up\n"), result.stderr
  end

  it "raises what a signal means, whenever it comes while classes are used first" do
    # Each child uses classes for the first time while its parent sends a signal, a little later from child to child.
    result = native(<<~RUBY, timeout: 100)
      native, simulators = CrmSync::Native, CrmSync::Testing::Native
      ended = Array.new(60) do |number|
        read, write = IO.pipe
        pid = fork do
          use = lambda do
            native::AddressIndex.new
            native::Comparison.new(["any"])
            simulators::SalesforceSimulator.start("{}").stop
          end
          write.puts "ready"
          loop { use.call }
        rescue Exception => e
          write.puts e.class
        ensure
          exit!(0)
        end
        write.close
        read.gets
        number.times { Thread.pass }
        Process.kill(:INT, pid)
        Process.wait(pid)
        read.read.strip
      end
      puts ended.tally.to_a.inspect
    RUBY
    expect(result.stdout).to eq(%([["Interrupt", 60]]\n)), result.stderr
  end
end
