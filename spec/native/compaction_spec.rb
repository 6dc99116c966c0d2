# frozen_string_literal: true

require_relative "../support/native_child"
require_relative "../support/native_entries"

# Ruby moves objects and frees what it does not see. Each way in runs in a process of its own, because what is wrong here
# is a crash.
RSpec.describe CrmSync::Native do
  # What a child does around an entry: run it as ever, and once more in this way.
  def again(name, way)
    <<~RUBY
      require "./spec/support/native_entries"
      NativeEntries.with_simulators do
        entry = NativeEntries::ALL.fetch(#{name.dump})
        expected = entry.call # with all that is loaded at the first use
        holes = Array.new(50_000) { "a hole" }
        holes.clear # there is somewhere to move to
        begin
          #{way}
          given = entry.call
        ensure
          GC.stress = GC.auto_compact = false
        end
        puts given == expected ? "the same" : "\#{given.inspect} instead of \#{expected.inspect}"
      end
    RUBY
  end

  NativeEntries::ALL.each_key do |name|
    it "gives the same under GC.stress, with objects that move at every turn: #{name}" do
      result = native(again(name, "GC.auto_compact = true; GC.stress = true"))
      expect(result.stdout).to eq("the same\n"), result.stderr
    end
  end

  it "reads many rows while objects move" do
    result = native(<<~RUBY)
      fields = %w[Id Email FirstName LastName]
      contacts = Array.new(20_000) { |n| fields.to_h { |field| [field, "\#{field}\#{n}"] }.merge("Id" => format("003%012dAAA", n)) }
      CrmSync::Testing::Salesforce.start(records: { "Contact" => contacts }, page_size: 20_000) do
        GC.auto_compact = true
        3.times do
          rows = CrmSync::Salesforce.client.query("SELECT \#{fields.join(", ")} FROM Contact").to_a
          puts rows.size, rows.flat_map(&:keys).uniq.inspect
        end
      end
    RUBY
    expect(result.stdout).to eq(%(20000\n["Id", "Email", "FirstName", "LastName"]\n) * 3), result.stderr
  end

  it "holds no reference that compaction does not see" do
    result = native(<<~RUBY)
      require "./spec/support/native_entries"
      # Its arguments have changed from version to version.
      verify = lambda do
        GC.verify_compaction_references(toward: :empty, double_heap: true)
      rescue ArgumentError
        GC.verify_compaction_references(toward: :empty, expand_heap: true)
      end
      NativeEntries.with_simulators do
        expected = NativeEntries::ALL.transform_values(&:call)
        index = NativeEntries.index
        contested = index.contested
        rows = CrmSync::Salesforce.client.query(NativeEntries::QUERY, by: :serial) # one that is under way
        first = rows.next
        verify.call
        given = NativeEntries::ALL.transform_values(&:call)
        verify.call
        puts (expected.keys.reject { |name| given[name] == expected[name] }).inspect
        puts index.contested == contested, [first, *Array.new(4) { rows.next }].map { |row| row["Id"] }.uniq.size
      end
    RUBY
    expect(result.stdout).to eq("[]\ntrue\n5\n"), result.stderr
  end

  it "passes its own specs while objects move" do
    specs = %w[email_spec.rb diff_spec.rb salesforce/client_spec.rb zendesk/client_spec.rb zendesk/writing_spec.rb]
    command = ["bundle", "exec", "rspec", "--require", "./spec/support/compacting.rb", *specs.map { |name| "spec/#{name}" }]
    child = ChildProcess::Child.new(["prlimit", "--core=0", *command], env: {}, chdir: NativeChild::ROOT,
                                                                       folder: Scratch.folder)
    result = child.wait(timeout: 110)
    expect(result).to be_success, "#{result.stdout}#{result.stderr}"
  end
end
