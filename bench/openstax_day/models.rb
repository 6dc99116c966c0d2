# frozen_string_literal: true

# The models of the app; the recipe names them.
class Record < ActiveRecord::Base
  self.abstract_class = true

  def self.choices(name, **values)
    ActiveRecord::VERSION::MAJOR < 7 ? enum(name => values) : enum(name, values)
  end
end

class School < Record
end

# The accounts of the app.
class User < Record
  choices :faculty_status, no_faculty_info: 0, pending_faculty: 1, confirmed_faculty: 2, rejected_faculty: 3,
                           pending_sheerid: 4, rejected_by_sheerid: 5, incomplete_signup: 6
  choices :school_type, unknown_school_type: 0, other_school_type: 1, college: 2, high_school: 3, k12_school: 4,
                        home_school: 5
  choices :school_location, unknown_school_location: 0, domestic_school: 1, foreign_school: 2
  belongs_to :school, optional: true
  scope :not_deleted, -> { where(is_deleted: [nil, false]) }
end

# What happened to an account.
class SecurityLog < Record
  choices :event_type, salesforce_updated_faculty_status: 81, user_contact_id_updated_from_salesforce: 100
  attribute :event_data, :json
  belongs_to :user
end
