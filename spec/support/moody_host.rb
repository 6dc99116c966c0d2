# frozen_string_literal: true

# A host whose model or tables refuse or rewrite what is written, in one of these ways. The values that are put back or
# rewritten are said in one place, so that each way of writing and each database meets the same.
#
#   sync = moody_sync(:records) { … }   a sync of such a host, declared with more words
#   moody(:callback_puts_back)          from now on
#   calm                                not any more
module MoodyHost
  TRIGGER = "crm_sync_spec_moody"
  # Bodies of triggers: what is refused is that anybody becomes confirmed, what is rewritten is a name.
  POSTGRESQL = {
    trigger_drops: "IF NEW.faculty_status = 2 THEN RETURN NULL; END IF; RETURN NEW;",
    trigger_puts_back: "IF NEW.faculty_status = 2 THEN NEW.faculty_status := OLD.faculty_status; END IF; RETURN NEW;",
    trigger_rewrites: "NEW.last_name := UPPER(NEW.last_name); RETURN NEW;",
    trigger_keeps_link: "NEW.salesforce_contact_id := OLD.salesforce_contact_id; RETURN NEW;"
  }.freeze
  SQLITE = {
    trigger_drops: "WHEN NEW.faculty_status = 2 BEGIN SELECT RAISE(IGNORE); END",
    trigger_puts_back: "WHEN NEW.faculty_status = 2 " \
                       "BEGIN UPDATE users SET faculty_status = OLD.faculty_status WHERE id = NEW.id; END",
    trigger_rewrites: "WHEN NEW.last_name <> UPPER(NEW.last_name) " \
                      "BEGIN UPDATE users SET last_name = UPPER(NEW.last_name) WHERE id = NEW.id; END",
    trigger_keeps_link: "WHEN NEW.salesforce_contact_id IS NOT OLD.salesforce_contact_id BEGIN " \
                        "UPDATE users SET salesforce_contact_id = OLD.salesforce_contact_id WHERE id = NEW.id; END"
  }.freeze

  # The callbacks of the model before it saves.
  def self.callbacks
    {
      callback_puts_back: ->(user) { user.restore_attributes(%w[faculty_status]) if user.confirmed_faculty? },
      callback_rewrites: ->(user) { user.last_name = user.last_name&.upcase },
      callback_keeps_link: ->(user) { user.restore_attributes(%w[salesforce_contact_id]) }
    }
  end

  def self.included(group)
    group.after { calm }
  end

  # A sync of the host that writes in this way, declared with more words.
  def moody_sync(way, &)
    moody_model
    sync = stub_const("MoodySync", Class.new(CrmSync::ContactSync))
    sync.contacts "Contact"
    sync.model "MoodyUser", foreign_key: :salesforce_contact_id
    sync.match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
    sync.write way
    sync.attribute :faculty_status, from: "Faculty_Verified__c",
                                    map: { "Confirmed" => :confirmed_faculty, "Pending" => :pending_faculty,
                                           nil => :no_faculty_info }
    sync.attribute :last_name, from: "Account.Name"
    sync.class_exec(&)
    sync
  end

  # A model with the callbacks, for the declaration.
  def moody_model
    deeds = -> { @moods.to_a }
    stub_const("MoodyUser", Class.new(User)).tap do |model|
      model.has_many :contact_infos, foreign_key: :user_id
      model.before_save { |user| deeds.call.each { |deed| MoodyHost.callbacks[deed]&.call(user) } }
      model.after_save do |user|
        again = deeds.call.include?(:callback_writes_again) && user.saved_change_to_faculty_status?
        before = user.faculty_status_before_last_save
        User.where(id: user.id).update_all(faculty_status: before) if again && user.confirmed_faculty?
      end
    end
  end

  def moody(*deeds)
    @moods = deeds
    deeds.grep(/trigger/).each { |deed| make_trigger(deed) }
  end

  def calm
    @moods = nil
    postgresql = User.connection.adapter_name.match?(/postg/i)
    User.connection.execute("DROP TRIGGER IF EXISTS #{TRIGGER}#{" ON users" if postgresql}")
  end

  private

  def make_trigger(deed)
    return make_on_sqlite(deed) unless User.connection.adapter_name.match?(/postg/i)

    User.connection.execute(<<~SQL)
      CREATE OR REPLACE FUNCTION #{TRIGGER}() RETURNS trigger AS $$ BEGIN #{POSTGRESQL.fetch(deed)} END $$ LANGUAGE plpgsql;
      CREATE TRIGGER #{TRIGGER} BEFORE UPDATE ON users FOR EACH ROW EXECUTE PROCEDURE #{TRIGGER}();
    SQL
  end

  def make_on_sqlite(deed)
    moment = deed == :trigger_drops ? "BEFORE" : "AFTER"
    User.connection.execute("CREATE TRIGGER #{TRIGGER} #{moment} UPDATE ON users FOR EACH ROW #{SQLITE.fetch(deed)}")
  end
end
